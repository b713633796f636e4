// What the Rust drivers share: the values of each scenario, and the talk with the runner (../../scenarios.py).
use std::io::Write;

pub const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];
pub const EACH: usize = 200;
pub const LARGE: usize = 10_000_000;
pub const LARGE_MAX: usize = 11_000_000;
pub const MANY: i32 = 1000;

pub fn value(codec: &str, i: usize) -> Vec<u8> {
    format!("{codec}-{i}-{}", "abcdefgh".repeat(8)).into_bytes()
}

pub fn large() -> Vec<u8> {
    (0..LARGE).map(|i| (i * 31) as u8).collect()
}

pub fn number(value: &[u8]) -> i32 {
    std::str::from_utf8(value).unwrap().parse().unwrap()
}

/// The broker ends (kill, clean) and comes back; returns when it is ready.
pub fn restart(how: &str) {
    println!("restart {how}");
    std::io::stdout().flush().unwrap();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
}
