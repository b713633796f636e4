// rskafka's part of the scenarios: it has no groups, and creates topics without settings.
#[allow(dead_code)]
mod common;

use chrono::{TimeZone, Utc};
use common::*;
use rskafka::client::error::{Error, ProtocolError};
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::{Record, RecordAndOffset};
use std::collections::BTreeMap;

const WAIT_MS: i32 = 5_000;

fn record(value: Vec<u8>) -> Record {
    let headers = BTreeMap::from([("h".to_owned(), b"1".to_vec())]);
    let timestamp = Utc.timestamp_millis_opt(1_700_000_000_000).unwrap();
    Record { key: Some(b"key".to_vec()), value: Some(value), headers, timestamp }
}

async fn create(client: &Client, topic: &str, partitions: i32) -> Result<(), Error> {
    client.controller_client().unwrap().create_topic(topic, partitions, 1, WAIT_MS).await
}

async fn partition(client: &Client, topic: &str, partition: i32) -> PartitionClient {
    client.partition_client(topic, partition, UnknownTopicHandling::Retry).await.unwrap()
}

async fn take(from: &PartitionClient, mut offset: i64, count: usize) -> Vec<RecordAndOffset> {
    let mut got = Vec::new();
    while got.len() < count {
        let (records, _) = from.fetch_records(offset, 1..50_000_000, WAIT_MS).await.unwrap();
        offset = records.last().map_or(offset, |last| last.offset + 1);
        got.extend(records);
    }
    got
}

async fn codecs(client: &Client) {
    create(client, "codecs", 2).await.unwrap();
    let part = partition(client, "codecs", 1).await;
    let kinds = [Compression::NoCompression, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
    let mut expected = Vec::new();
    for (codec, kind) in CODECS.iter().zip(kinds) {
        let batch: Vec<_> = (0..EACH).map(|i| record(value(codec, i))).collect();
        part.produce(batch.clone(), kind).await.unwrap();
        expected.extend(batch);
    }
    let got = take(&part, 0, expected.len()).await;
    for (i, (message, sent)) in got.iter().zip(&expected).enumerate() {
        assert_eq!((&message.record, message.offset), (sent, i as i64));
    }
}

async fn admin(client: &Client) {
    create(client, "admin", 2).await.unwrap();
    let again = create(client, "admin", 2).await.unwrap_err();
    assert!(matches!(again, Error::ServerError { protocol_error: ProtocolError::TopicAlreadyExists, .. }), "{again}");
    let part = partition(client, "admin", 0).await;
    part.produce(vec![record(b"1".to_vec()), record(b"2".to_vec())], Compression::NoCompression).await.unwrap();
    part.delete_records(1, WAIT_MS).await.unwrap();
    assert_eq!(part.get_offset(OffsetAt::Earliest).await.unwrap(), 1);
    assert_eq!(part.get_offset(OffsetAt::Latest).await.unwrap(), 2);
    client.controller_client().unwrap().delete_topic("admin", WAIT_MS).await.unwrap();
    assert!(client.list_topics().await.unwrap().iter().all(|topic| topic.name != "admin"));
}

async fn restarts(client: &Client) {
    create(client, "restart", 1).await.unwrap();
    let part = partition(client, "restart", 0).await;
    for (round, how) in ["kill", "clean", ""].into_iter().enumerate() {
        let batch = (0..500).map(|i| record((round * 500 + i).to_string().into_bytes())).collect();
        part.produce(batch, Compression::NoCompression).await.unwrap();
        if !how.is_empty() {
            restart(how);
        }
    }
    let got = take(&part, 0, 1500).await;
    let numbers: Vec<i32> = got.iter().map(|r| number(r.record.value.as_ref().unwrap())).collect();
    assert_eq!(numbers, (0..1500).collect::<Vec<_>>());
}

async fn large_records(client: &Client) {
    create(client, "large", 1).await.unwrap();
    let part = partition(client, "large", 0).await;
    let refused = part.produce(vec![record(large())], Compression::NoCompression).await.unwrap_err();
    assert!(matches!(refused, Error::ServerError { protocol_error: ProtocolError::MessageTooLarge, .. }), "{refused}");
    let fits = large()[..900_000].to_vec();
    part.produce(vec![record(fits.clone())], Compression::NoCompression).await.unwrap();
    assert!(take(&part, 0, 1).await[0].record.value == Some(fits));
}

async fn partitions(client: &Client) {
    create(client, "many", MANY).await.unwrap();
    for p in 0..MANY {
        let part = partition(client, "many", p).await;
        let offsets = part.produce(vec![record(p.to_string().into_bytes())], Compression::NoCompression).await.unwrap();
        assert_eq!(offsets, [0]);
        assert_eq!(number(take(&part, 0, 1).await[0].record.value.as_ref().unwrap()), p);
    }
    let topics = client.list_topics().await.unwrap();
    assert_eq!(topics.iter().find(|t| t.name == "many").unwrap().partitions.len(), MANY as usize);
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let builder = ClientBuilder::new(vec![arguments[2].clone()]).max_message_size(100_000_000);
    let client = builder.build().await.unwrap();
    match arguments[1].as_str() {
        "codecs" => codecs(&client).await,
        "admin" => admin(&client).await,
        "restart" => restarts(&client).await,
        "large" => large_records(&client).await,
        "partitions" => partitions(&client).await,
        other => panic!("no scenario {other}"),
    }
}
