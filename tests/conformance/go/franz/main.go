// franz-go's part of the scenarios.
package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	. "stoker/conformance/common"
)

var background = context.Background()

var codecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

// groupOptions is what the scenarios with KIP-848 add.
var groupOptions []kgo.Opt

func client(bootstrap string, options ...kgo.Opt) *kgo.Client {
	base := []kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(50 * time.Millisecond)}
	return Got(kgo.NewClient(append(base, options...)...))
}

func create(bootstrap, topic string, partitions int32, configs map[string]*string) error {
	admin := kadm.NewClient(client(bootstrap))
	defer admin.Close()
	_, err := admin.CreateTopic(background, partitions, 1, configs, topic)
	return err
}

// produce sends value i to partitions[i%len(partitions)]; every one is acknowledged, or there is an error.
func produce(bootstrap, topic string, partitions []int32, values []string, options ...kgo.Opt) error {
	producer := client(bootstrap, options...)
	defer producer.Close()
	var records []*kgo.Record
	for i, value := range values {
		records = append(records, &kgo.Record{Topic: topic, Partition: partitions[i%len(partitions)], Key: []byte("key"),
			Value: []byte(value), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("1")}}})
	}
	return producer.ProduceSync(background, records...).FirstErr()
}

func take(reader *kgo.Client, count int) (got []*kgo.Record) {
	Eventually(fmt.Sprint(count, " records"), func() bool {
		limited, cancel := context.WithTimeout(background, 200*time.Millisecond)
		defer cancel()
		got = append(got, reader.PollFetches(limited).Records()...)
		return len(got) >= count
	})
	return got
}

func readAll(bootstrap, topic string, partitions int32, count int) []*kgo.Record {
	offsets := map[int32]kgo.Offset{}
	for p := range partitions {
		offsets[p] = kgo.NewOffset().AtStart()
	}
	reader := client(bootstrap, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: offsets}))
	defer reader.Close()
	return take(reader, count)
}

func join(bootstrap, topic, group string, options ...kgo.Opt) *kgo.Client {
	base := []kgo.Opt{kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group), kgo.DisableAutoCommit(),
		kgo.HeartbeatInterval(500 * time.Millisecond)}
	return client(bootstrap, append(append(base, groupOptions...), options...)...)
}

func values(records []*kgo.Record) (all []string) {
	for _, record := range records {
		all = append(all, string(record.Value))
	}
	return all
}

func numbers(first, count int) (all []string) {
	for i := range count {
		all = append(all, strconv.Itoa(first+i))
	}
	return all
}

func everyCodec(bootstrap string) {
	Must(create(bootstrap, "codecs", 2, nil))
	var expected []string
	for _, codec := range Codecs {
		var batch []string
		for i := range Each {
			batch = append(batch, Value(codec, i))
		}
		Must(produce(bootstrap, "codecs", []int32{1}, batch, kgo.ProducerBatchCompression(codecs[codec])))
		expected = append(expected, batch...)
	}
	got := readAll(bootstrap, "codecs", 2, len(expected))
	Same(values(got), expected)
	for i, r := range got {
		Same(fmt.Sprint(r.Partition, string(r.Key), string(r.Headers[0].Value), r.Offset), fmt.Sprint(1, "key", "1", i))
	}
}

func group(bootstrap string) {
	Must(create(bootstrap, "group", 3, nil))
	readAsGroup(bootstrap, 0, 300)
	readAsGroup(bootstrap, 300, 10)
	admin := kadm.NewClient(client(bootstrap))
	defer admin.Close()
	sum := int64(0)
	Got(admin.FetchOffsets(background, "g")).Each(func(o kadm.OffsetResponse) { sum += o.At })
	Same(sum, int64(310))
}

func readAsGroup(bootstrap string, first, count int) {
	Must(produce(bootstrap, "group", []int32{0, 1, 2}, numbers(first, count)))
	member := join(bootstrap, "group", "g")
	defer member.Close()
	got := take(member, count)
	SameNumbers(values(got), first, count)
	Must(member.CommitRecords(background, got...))
}

// share counts what a member owns: partitions that it was given less those that were taken from it.
type share struct {
	client *kgo.Client
	given  chan int
	count  int
}

func newShare(bootstrap string) *share {
	member := &share{given: make(chan int, 100)}
	change := func(sign int) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, topics map[string][]int32) {
			member.given <- sign * len(topics["rebalance"])
		}
	}
	member.client = join(bootstrap, "rebalance", "g", kgo.OnPartitionsAssigned(change(1)), kgo.OnPartitionsRevoked(change(-1)),
		kgo.OnPartitionsLost(change(-1)))
	return member
}

func (s *share) size() int {
	for {
		select {
		case more := <-s.given:
			s.count += more
		default:
			return s.count
		}
	}
}

func rebalance(bootstrap string) {
	Must(create(bootstrap, "rebalance", 4, nil))
	first := newShare(bootstrap)
	Eventually("4", func() bool { return first.size() == 4 })
	second := newShare(bootstrap)
	Eventually("2 and 2", func() bool { return first.size() == 2 && second.size() == 2 })
	first.client.Close()
	Eventually("4 again", func() bool { return second.size() == 4 })
	second.client.Close()
}

func configs(admin *kadm.Client) {
	retention := func() string {
		for _, config := range Got(Got(admin.DescribeTopicConfigs(background, "admin")).On("admin", nil)).Configs {
			if config.Key == "retention.ms" {
				return *config.Value
			}
		}
		return ""
	}
	alter := func(value string) error {
		answers := Got(admin.AlterTopicConfigs(background, []kadm.AlterConfig{{Name: "retention.ms", Value: &value}}, "admin"))
		return answers[0].Err
	}
	Same(retention(), "70000")
	Must(alter("80000"))
	Eventually("the new retention", func() bool { return retention() == "80000" })
	Same(errors.Is(alter("soon"), kerr.InvalidConfig), true)
}

func groups(bootstrap string, admin *kadm.Client) {
	member := join(bootstrap, "admin", "admins")
	Must(member.CommitRecords(background, take(member, 3)...))
	Same(Got(admin.ListGroups(background))["admins"].ProtocolType, "consumer")
	state := func() string {
		described := Got(admin.DescribeGroups(background, "admins"))["admins"]
		return fmt.Sprint(described.State, len(described.Members))
	}
	Same(state(), "Stable1")
	member.Close()
	Eventually("empty", func() bool { return state() == "Empty0" })
	Got(admin.DeleteGroup(background, "admins"))
	_, listed := Got(admin.ListGroups(background))["admins"]
	Same(listed, false)
}

func adminCalls(bootstrap string) {
	retention := "70000"
	Must(create(bootstrap, "admin", 1, map[string]*string{"retention.ms": &retention}))
	Same(errors.Is(create(bootstrap, "admin", 1, nil), kerr.TopicAlreadyExists), true)
	admin := kadm.NewClient(client(bootstrap))
	defer admin.Close()
	Must(Got(admin.UpdatePartitions(background, 2, "admin")).Error())
	Same(len(Got(admin.ListTopics(background, "admin"))["admin"].Partitions), 2)
	cluster := Got(admin.BrokerMetadata(background))
	Same([]any{len(cluster.Brokers), cluster.Controller}, []any{1, cluster.Brokers[0].NodeID})
	Must(produce(bootstrap, "admin", []int32{0, 0, 1}, []string{"a", "b", "c"}))
	configs(admin)
	groups(bootstrap, admin)
	offsets := kadm.Offsets{}
	offsets.AddOffset("admin", 0, 1, -1)
	deleted, _ := Got(admin.DeleteRecords(background, offsets)).Lookup("admin", 0)
	Must(deleted.Err)
	Same(deleted.LowWatermark, int64(1))
	Same(values(readAll(bootstrap, "admin", 1, 1)), []string{"b"})
	Got(admin.DeleteTopic(background, "admin"))
	Eventually("deleted", func() bool { return !Got(admin.ListTopics(background)).Has("admin") })
}

func restarts(bootstrap string) {
	Must(create(bootstrap, "restart", 3, nil))
	reader := join(bootstrap, "restart", "g")
	defer reader.Close()
	var seen []string
	for round, how := range []string{"kill", "clean", ""} {
		Must(produce(bootstrap, "restart", []int32{0, 1, 2}, numbers(round*500, 500)))
		got := take(reader, 500)
		seen = append(seen, values(got)...)
		Must(reader.CommitRecords(background, got...))
		if how != "" {
			Restart(how)
		}
	}
	SameNumbers(seen, 0, 1500)
}

func large(bootstrap string) {
	limit, data := strconv.Itoa(LargeMax), string(LargeValue())
	Must(create(bootstrap, "small", 1, nil))
	Must(create(bootstrap, "large", 1, map[string]*string{"max.message.bytes": &limit}))
	options := []kgo.Opt{kgo.ProducerBatchMaxBytes(LargeMax), kgo.ProducerBatchCompression(kgo.NoCompression())}
	Same(errors.Is(produce(bootstrap, "small", []int32{0}, []string{data}, options...), kerr.MessageTooLarge), true)
	Must(produce(bootstrap, "large", []int32{0}, []string{data, "small"}, options...))
	got := readAll(bootstrap, "large", 1, 2)
	Same(string(got[0].Value) == data, true)
	Same(string(got[1].Value), "small")
}

func partitions(bootstrap string) {
	Must(create(bootstrap, "many", Many, nil))
	var all []int32
	for p := range int32(Many) {
		all = append(all, p)
	}
	Must(produce(bootstrap, "many", all, numbers(0, Many)))
	for _, record := range readAll(bootstrap, "many", Many, Many) {
		Same(fmt.Sprint(string(record.Value), " ", record.Offset), fmt.Sprint(record.Partition, " ", 0))
	}
}

func kip848(scenario func(string)) func(string) {
	return func(bootstrap string) {
		groupOptions = []kgo.Opt{kgo.ServerSideBalancer(), kgo.Balancers(kgo.RangeBalancer())}
		scenario(bootstrap)
	}
}

func main() {
	Main(map[string]func(string){"codecs": everyCodec, "group": group, "rebalance": rebalance, "admin": adminCalls,
		"restart": restarts, "large": large, "partitions": partitions,
		"group_consumer": kip848(group), "rebalance_consumer": kip848(rebalance)})
}
