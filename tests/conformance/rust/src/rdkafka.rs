// rust-rdkafka's part of the scenarios: librdkafka as its crate brings it.
mod common;

use common::*;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::time::{Duration, Instant};

const SECONDS_20: Duration = Duration::from_secs(20);

type Admin = AdminClient<DefaultClientContext>;

struct Driver {
    bootstrap: String,
    group_protocol: &'static str,
}

fn eventually(what: &str, mut check: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !check() {
        assert!(Instant::now() < end, "not within 60 s: {what}");
    }
}

impl Driver {
    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        config
    }

    fn admin(&self) -> Admin {
        self.config().create().unwrap()
    }

    async fn create(&self, topic: &str, partitions: i32, configs: &[(&str, &str)]) -> Result<(), RDKafkaErrorCode> {
        let mut new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        for (name, value) in configs {
            new = new.set(name, value);
        }
        let done = self.admin().create_topics(&[new], &AdminOptions::new()).await.unwrap();
        done.into_iter().next().unwrap().map(drop).map_err(|(_, code)| code)
    }

    /// Every record is acknowledged, or this is the last error.
    async fn produce(&self, topic: &str, records: &[(i32, Vec<u8>)], more: &[(&str, &str)]) -> Result<(), KafkaError> {
        let mut config = self.config();
        config.set("linger.ms", "5").set("enable.idempotence", "true");
        for (name, value) in more {
            config.set(*name, *value);
        }
        let producer: FutureProducer = config.create().unwrap();
        let headers = OwnedHeaders::new().insert(Header { key: "h", value: Some("1") });
        let sent: Vec<_> = records
            .iter()
            .map(|(partition, value)| {
                let record = FutureRecord::to(topic).partition(*partition).key("key").payload(value).headers(headers.clone());
                producer.send_result(record).map_err(|(error, _)| error).unwrap()
            })
            .collect();
        for result in futures::future::join_all(sent).await {
            result.unwrap().map_err(|(error, _)| error)?;
        }
        Ok(())
    }

    fn consumer(&self, group: &str) -> BaseConsumer {
        let mut config = self.config();
        config.set("group.id", group).set("auto.offset.reset", "earliest").set("enable.auto.commit", "false");
        config.set("group.protocol", self.group_protocol);
        config.create().unwrap()
    }

    fn read_all(&self, topic: &str, partitions: i32, count: usize) -> Vec<OwnedMessage> {
        let reader = self.consumer("readers");
        let mut all = TopicPartitionList::new();
        for p in 0..partitions {
            all.add_partition_offset(topic, p, Offset::Beginning).unwrap();
        }
        reader.assign(&all).unwrap();
        take(&reader, count)
    }
}

fn take(reader: &BaseConsumer, count: usize) -> Vec<OwnedMessage> {
    let mut got = Vec::new();
    eventually("all records", || {
        if let Some(Ok(message)) = reader.poll(Duration::from_millis(200)) {
            got.push(message.detach());
        }
        got.len() >= count
    });
    got
}

fn numbers(got: &[OwnedMessage]) -> Vec<i32> {
    let mut all: Vec<i32> = got.iter().map(|m| number(m.payload().unwrap())).collect();
    all.sort();
    all
}

fn spread(first: i32, count: i32, partitions: i32) -> Vec<(i32, Vec<u8>)> {
    (first..first + count).map(|i| (i % partitions, i.to_string().into_bytes())).collect()
}

async fn codecs(d: &Driver) {
    d.create("codecs", 2, &[]).await.unwrap();
    let mut expected = Vec::new();
    for codec in CODECS {
        let batch: Vec<_> = (0..EACH).map(|i| (1, value(codec, i))).collect();
        d.produce("codecs", &batch, &[("compression.type", codec)]).await.unwrap();
        expected.extend(batch.into_iter().map(|(_, value)| value));
    }
    let got = d.read_all("codecs", 2, expected.len());
    for (i, (message, value)) in got.iter().zip(&expected).enumerate() {
        assert_eq!(message.payload().unwrap(), value);
        assert_eq!((message.partition(), message.offset(), message.key()), (1, i as i64, Some(&b"key"[..])));
        assert_eq!(message.headers().unwrap().get(0).value, Some(&b"1"[..]));
    }
}

async fn group(d: &Driver) {
    d.create("group", 3, &[]).await.unwrap();
    for (first, count) in [(0, 300), (300, 10)] {
        d.produce("group", &spread(first, count, 3), &[]).await.unwrap();
        let member = d.consumer("g");
        member.subscribe(&["group"]).unwrap();
        assert_eq!(numbers(&take(&member, count as usize)), (first..first + count).collect::<Vec<_>>());
        member.commit_consumer_state(CommitMode::Sync).unwrap();
    }
    let mut all = TopicPartitionList::new();
    all.add_partition_range("group", 0, 2);
    let committed = d.consumer("g").committed_offsets(all, SECONDS_20).unwrap();
    assert_eq!(committed.elements().iter().map(|e| e.offset().to_raw().unwrap()).sum::<i64>(), 310);
}

async fn rebalance(d: &Driver) {
    d.create("rebalance", 4, &[]).await.unwrap();
    let mut members = Vec::new();
    let shared = |members: &Vec<BaseConsumer>, share: usize| {
        eventually("equal shares", || {
            members.iter().for_each(|m| drop(m.poll(Duration::from_millis(50))));
            members.iter().all(|m| m.assignment().unwrap().count() == share)
        })
    };
    for share in [4, 2] {
        members.push(d.consumer("g"));
        members.last().unwrap().subscribe(&["rebalance"]).unwrap();
        shared(&members, share);
    }
    drop(members.remove(0));
    shared(&members, 4);
}

async fn retention(admin: &Admin) -> String {
    let described = admin.describe_configs(&[ResourceSpecifier::Topic("admin")], &AdminOptions::new()).await.unwrap();
    described[0].as_ref().unwrap().get("retention.ms").unwrap().value.clone().unwrap()
}

async fn configs(admin: &Admin) {
    assert_eq!(retention(admin).await, "70000");
    // The crate hands no refusal of a resource on, so what counts is that "soon" changed nothing.
    for wanted in ["80000", "soon"] {
        let change = AlterConfig::new(ResourceSpecifier::Topic("admin")).set("retention.ms", wanted);
        admin.alter_configs(&[change], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    }
    assert_eq!(retention(admin).await, "80000");
}

async fn groups(d: &Driver, admin: &Admin) {
    let member = d.consumer("admins");
    member.subscribe(&["admin"]).unwrap();
    take(&member, 3);
    member.commit_consumer_state(CommitMode::Sync).unwrap();
    let state = || {
        let listed = admin.inner().fetch_group_list(Some("admins"), SECONDS_20).unwrap();
        listed.groups().first().map(|g| format!("{} {}", g.state(), g.members().len()))
    };
    assert_eq!(state().unwrap(), "Stable 1");
    drop(member);
    eventually("empty", || state().unwrap() == "Empty 0");
    admin.delete_groups(&["admins"], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
}

async fn admin_calls(d: &Driver) {
    let options = AdminOptions::new();
    d.create("admin", 1, &[("retention.ms", "70000")]).await.unwrap();
    assert_eq!(d.create("admin", 1, &[]).await, Err(RDKafkaErrorCode::TopicAlreadyExists));
    let admin = d.admin();
    admin.create_partitions(&[NewPartitions::new("admin", 2)], &options).await.unwrap()[0].as_ref().unwrap();
    eventually("two partitions on one broker", || {
        let metadata = admin.inner().fetch_metadata(Some("admin"), SECONDS_20).unwrap();
        (metadata.topics()[0].partitions().len(), metadata.brokers().len()) == (2, 1)
    });
    let records = [(0, b"1".to_vec()), (0, b"2".to_vec()), (1, b"3".to_vec())];
    d.produce("admin", &records, &[]).await.unwrap();
    configs(&admin).await;
    groups(d, &admin).await;
    let mut before = TopicPartitionList::new();
    before.add_partition_offset("admin", 0, Offset::Offset(1)).unwrap();
    admin.delete_records(&before, &options).await.unwrap();
    assert_eq!(numbers(&d.read_all("admin", 1, 1)), [2]);
    admin.delete_topics(&["admin"], &options).await.unwrap()[0].as_ref().unwrap();
    eventually("deleted", || {
        let topics = admin.inner().fetch_metadata(None, SECONDS_20).unwrap();
        topics.topics().iter().all(|t| t.name() != "admin")
    });
}

async fn restarts(d: &Driver) {
    d.create("restart", 3, &[]).await.unwrap();
    let reader = d.consumer("g");
    reader.subscribe(&["restart"]).unwrap();
    let mut seen = Vec::new();
    for (round, how) in ["kill", "clean", ""].into_iter().enumerate() {
        d.produce("restart", &spread(round as i32 * 500, 500, 3), &[]).await.unwrap();
        seen.extend(take(&reader, 500));
        reader.commit_consumer_state(CommitMode::Sync).unwrap();
        if !how.is_empty() {
            restart(how);
        }
    }
    assert_eq!(numbers(&seen), (0..1500).collect::<Vec<_>>());
}

async fn large_records(d: &Driver) {
    let max = LARGE_MAX.to_string();
    d.create("small", 1, &[]).await.unwrap();
    d.create("large", 1, &[("max.message.bytes", &max)]).await.unwrap();
    let more = [("message.max.bytes", max.as_str())];
    let refused = d.produce("small", &[(0, large())], &more).await;
    assert_eq!(refused.unwrap_err().rdkafka_error_code(), Some(RDKafkaErrorCode::MessageSizeTooLarge));
    d.produce("large", &[(0, large()), (0, b"small".to_vec())], &more).await.unwrap();
    let got = d.read_all("large", 1, 2);
    assert!(got[0].payload().unwrap() == large() && got[1].payload().unwrap() == b"small");
}

async fn partitions(d: &Driver) {
    d.create("many", MANY, &[]).await.unwrap();
    d.produce("many", &spread(0, MANY, MANY), &[]).await.unwrap();
    for message in d.read_all("many", MANY, MANY as usize) {
        assert_eq!((number(message.payload().unwrap()), message.offset()), (message.partition(), 0));
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (scenario, consumer) = match arguments[1].strip_suffix("_consumer") {
        Some(scenario) => (scenario, true),
        None => (arguments[1].as_str(), false),
    };
    let group_protocol = if consumer { "consumer" } else { "classic" };
    let driver = Driver { bootstrap: arguments[2].clone(), group_protocol };
    match scenario {
        "codecs" => codecs(&driver).await,
        "group" => group(&driver).await,
        "rebalance" => rebalance(&driver).await,
        "admin" => admin_calls(&driver).await,
        "restart" => restarts(&driver).await,
        "large" => large_records(&driver).await,
        "partitions" => partitions(&driver).await,
        other => panic!("no scenario {other}"),
    }
}
