// What the JavaScript drivers share: the entry, the values of each scenario, and the talk with the runner (../scenarios.py).
import assert from "node:assert/strict";
import readline from "node:readline";

export const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"];
export const EACH = 200;
export const LARGE = 10_000_000;
export const LARGE_MAX = 11_000_000;
export const MANY = 1000;

export const range = (first, count) => Array.from({ length: count }, (_, i) => first + i);
export const value = (codec, i) => `${codec}-${i}-${"abcdefgh".repeat(8)}`;
export const large = () => Buffer.alloc(LARGE, "0123456789abcdef*");
export const numerically = (a, b) => a - b;

export async function eventually(what, check, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  while (!(await check())) {
    assert(Date.now() < end, `not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// The broker ends (kill, clean) and comes back; resolves when it is ready.
let lines;
export async function restart(how) {
  lines ??= readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  console.log(`restart ${how}`);
  assert.equal((await lines.next()).value, "ready");
}

export async function main(scenarios) {
  const [name, bootstrap] = process.argv.slice(2);
  try {
    await scenarios[name](bootstrap);
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
