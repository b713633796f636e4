// sarama's part of the scenarios.
package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/IBM/sarama"

	. "stoker/conformance/common"
)

var codecs = map[string]sarama.CompressionCodec{
	"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
	"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
}

func config() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.Producer.Return.Successes = true
	c.Producer.Partitioner = sarama.NewManualPartitioner
	c.Producer.MaxMessageBytes = LargeMax
	c.Producer.Retry.Max = 20
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Enable = false
	c.Consumer.Fetch.Max = 2 * LargeMax
	c.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	return c
}

func admin(bootstrap string) sarama.ClusterAdmin {
	return Got(sarama.NewClusterAdmin([]string{bootstrap}, config()))
}

func create(bootstrap, topic string, partitions int32, configs map[string]*string) error {
	client := admin(bootstrap)
	defer client.Close()
	detail := &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: configs}
	return client.CreateTopic(topic, detail, false)
}

// produce sends value i to partitions[i%len(partitions)]; every one is acknowledged, or there is an error.
func produce(bootstrap, topic string, partitions []int32, values []string, c *sarama.Config) error {
	producer := Got(sarama.NewSyncProducer([]string{bootstrap}, c))
	defer producer.Close()
	var messages []*sarama.ProducerMessage
	for i, value := range values {
		messages = append(messages, &sarama.ProducerMessage{Topic: topic, Partition: partitions[i%len(partitions)],
			Key: sarama.StringEncoder("key"), Value: sarama.StringEncoder(value),
			Headers: []sarama.RecordHeader{{Key: []byte("h"), Value: []byte("1")}}})
	}
	return producer.SendMessages(messages)
}

// readAll reads partitions by assignment, count records of each.
func readAll(bootstrap, topic string, partitions []int32, count int) (got []*sarama.ConsumerMessage) {
	reader := Got(sarama.NewConsumer([]string{bootstrap}, config()))
	defer reader.Close()
	for _, p := range partitions {
		part := Got(reader.ConsumePartition(topic, p, sarama.OffsetOldest))
		for range count {
			select {
			case message := <-part.Messages():
				got = append(got, message)
			case <-time.After(20 * time.Second):
				panic(fmt.Sprint("no more records in ", p))
			}
		}
		Must(part.Close())
	}
	return got
}

// member reads a topic in a group; got and share are what it has.
type member struct {
	sync.Mutex
	group   sarama.ConsumerGroup
	got     []*sarama.ConsumerMessage
	share   int
	session sarama.ConsumerGroupSession
	end     context.CancelFunc
	done    chan struct{}
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.Lock()
	defer m.Unlock()
	m.session, m.share = session, 0
	for _, partitions := range session.Claims() {
		m.share += len(partitions)
	}
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	m.Lock()
	defer m.Unlock()
	m.share = 0
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.Lock()
		m.got = append(m.got, message)
		m.Unlock()
		session.MarkMessage(message, "")
	}
	return nil
}

func join(bootstrap, topic, group string) *member {
	m := &member{group: Got(sarama.NewConsumerGroup([]string{bootstrap}, group, config())), done: make(chan struct{})}
	ending, end := context.WithCancel(context.Background())
	m.end = end
	go func() {
		defer close(m.done)
		for ending.Err() == nil {
			if err := m.group.Consume(ending, []string{topic}, m); err != nil {
				time.Sleep(100 * time.Millisecond) // the broker may be away
			}
		}
	}()
	return m
}

func (m *member) leave() {
	m.end()
	<-m.done
	m.group.Close()
}

func (m *member) size() int {
	m.Lock()
	defer m.Unlock()
	return m.share
}

// take waits until count records in all are here, commits and returns them.
func (m *member) take(count int) []string {
	Eventually(fmt.Sprint(count, " records"), func() bool {
		m.Lock()
		defer m.Unlock()
		return len(m.got) >= count
	})
	m.session.Commit()
	return m.seen()
}

func (m *member) seen() []string {
	m.Lock()
	defer m.Unlock()
	return values(m.got)
}

func values(messages []*sarama.ConsumerMessage) (all []string) {
	for _, message := range messages {
		all = append(all, string(message.Value))
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
		c := config()
		c.Producer.Compression = codecs[codec]
		Must(produce(bootstrap, "codecs", []int32{1}, batch, c))
		expected = append(expected, batch...)
	}
	got := readAll(bootstrap, "codecs", []int32{1}, len(expected))
	Same(values(got), expected)
	for i, m := range got {
		Same(fmt.Sprint(string(m.Key), string(m.Headers[0].Value), m.Offset), fmt.Sprint("key", "1", i))
	}
}

func group(bootstrap string) {
	Must(create(bootstrap, "group", 3, nil))
	for _, round := range [][2]int{{0, 300}, {300, 10}} {
		Must(produce(bootstrap, "group", []int32{0, 1, 2}, numbers(round[0], round[1]), config()))
		m := join(bootstrap, "group", "g")
		SameNumbers(m.take(round[1]), round[0], round[1])
		m.leave()
	}
	client := admin(bootstrap)
	defer client.Close()
	offsets := Got(client.ListConsumerGroupOffsets("g", map[string][]int32{"group": {0, 1, 2}}))
	sum := int64(0)
	for _, block := range offsets.Blocks["group"] {
		sum += block.Offset
	}
	Same(sum, int64(310))
}

func rebalance(bootstrap string) {
	Must(create(bootstrap, "rebalance", 4, nil))
	first := join(bootstrap, "rebalance", "g")
	Eventually("4", func() bool { return first.size() == 4 })
	second := join(bootstrap, "rebalance", "g")
	Eventually("2 and 2", func() bool { return first.size() == 2 && second.size() == 2 })
	first.leave()
	Eventually("4 again", func() bool { return second.size() == 4 })
	second.leave()
}

func configs(client sarama.ClusterAdmin) {
	retention := func() string {
		resource := sarama.ConfigResource{Type: sarama.TopicResource, Name: "admin", ConfigNames: []string{"retention.ms"}}
		return Got(client.DescribeConfig(resource))[0].Value
	}
	alter := func(value string) error {
		entry := sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value}
		return client.IncrementalAlterConfig(sarama.TopicResource, "admin",
			map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": entry}, false)
	}
	Same(retention(), "70000")
	Must(alter("80000"))
	Eventually("the new retention", func() bool { return retention() == "80000" })
	Same(alter("soon") != nil, true)
	Same(retention(), "80000")
}

func groups(bootstrap string, client sarama.ClusterAdmin) {
	m := join(bootstrap, "admin", "admins")
	m.take(3)
	Same(Got(client.ListConsumerGroups())["admins"], "consumer")
	state := func() string {
		described := Got(client.DescribeConsumerGroups([]string{"admins"}))[0]
		return fmt.Sprint(described.State, len(described.Members))
	}
	Same(state(), "Stable1")
	m.leave()
	Eventually("empty", func() bool { return state() == "Empty0" })
	Must(client.DeleteConsumerGroup("admins"))
	_, listed := Got(client.ListConsumerGroups())["admins"]
	Same(listed, false)
}

func adminCalls(bootstrap string) {
	retention := "70000"
	Must(create(bootstrap, "admin", 1, map[string]*string{"retention.ms": &retention}))
	Same(errors.Is(create(bootstrap, "admin", 1, nil), sarama.ErrTopicAlreadyExists), true)
	client := admin(bootstrap)
	defer client.Close()
	Must(client.CreatePartitions("admin", 2, nil, false))
	Same(len(Got(client.DescribeTopics([]string{"admin"}))[0].Partitions), 2)
	brokers, controller, err := client.DescribeCluster()
	Must(err)
	Same([]any{len(brokers), controller}, []any{1, brokers[0].ID()})
	Must(produce(bootstrap, "admin", []int32{0, 0, 1}, []string{"a", "b", "c"}, config()))
	configs(client)
	groups(bootstrap, client)
	Must(client.DeleteRecords("admin", map[int32]int64{0: 1}))
	Same(values(readAll(bootstrap, "admin", []int32{0}, 1)), []string{"b"})
	Must(client.DeleteTopic("admin"))
	Eventually("deleted", func() bool {
		_, there := Got(client.ListTopics())["admin"]
		return !there
	})
}

func restarts(bootstrap string) {
	Must(create(bootstrap, "restart", 3, nil))
	reader := join(bootstrap, "restart", "g")
	var seen []string
	for round, how := range []string{"kill", "clean", ""} {
		Must(produce(bootstrap, "restart", []int32{0, 1, 2}, numbers(round*500, 500), config()))
		seen = reader.take((round + 1) * 500)
		if how != "" {
			Restart(how)
		}
	}
	SameNumbers(seen, 0, 1500)
	reader.leave()
}

func large(bootstrap string) {
	limit, data := strconv.Itoa(LargeMax), string(LargeValue())
	Must(create(bootstrap, "small", 1, nil))
	Must(create(bootstrap, "large", 1, map[string]*string{"max.message.bytes": &limit}))
	var refused sarama.ProducerErrors
	err := produce(bootstrap, "small", []int32{0}, []string{data}, config())
	Same(errors.As(err, &refused) && errors.Is(refused[0].Err, sarama.ErrMessageSizeTooLarge), true)
	Must(produce(bootstrap, "large", []int32{0}, []string{data, "small"}, config()))
	got := readAll(bootstrap, "large", []int32{0}, 2)
	Same(string(got[0].Value) == data, true)
	Same(string(got[1].Value), "small")
}

func partitions(bootstrap string) {
	Must(create(bootstrap, "many", Many, nil))
	var all []int32
	for p := range int32(Many) {
		all = append(all, p)
	}
	Must(produce(bootstrap, "many", all, numbers(0, Many), config()))
	client := admin(bootstrap)
	Same(len(Got(client.DescribeTopics([]string{"many"}))[0].Partitions), Many)
	client.Close()
	m := join(bootstrap, "many", "g")
	distinct := map[string]bool{} // a busy machine may make it join twice, and read some twice
	Eventually("every partition's record", func() bool {
		for _, value := range m.seen() {
			distinct[value] = true
		}
		return len(distinct) == Many
	})
	m.leave()
}

func main() {
	Main(map[string]func(string){"codecs": everyCodec, "group": group, "rebalance": rebalance, "admin": adminCalls,
		"restart": restarts, "large": large, "partitions": partitions})
}
