// Package common is what the Go drivers share: the values of each scenario, and the talk with the runner (../scenarios.py).
package common

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"time"
)

const (
	Each     = 200
	Large    = 10_000_000
	LargeMax = 11_000_000
	Many     = 1000
)

var Codecs = []string{"none", "gzip", "snappy", "lz4", "zstd"}

func Value(codec string, i int) string {
	return fmt.Sprintf("%s-%d-%s", codec, i, strings.Repeat("abcdefgh", 8))
}

// LargeValue does not compress to nothing, and is the same each time.
func LargeValue() []byte {
	data := make([]byte, Large)
	for i := range data {
		data[i] = byte(i * 31)
	}
	return data
}

func Must(err error) {
	if err != nil {
		panic(err)
	}
}

func Got[T any](value T, err error) T {
	Must(err)
	return value
}

func Same(actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		panic(fmt.Sprintf("%.500s instead of %.500s", fmt.Sprint(actual), fmt.Sprint(expected)))
	}
}

// Eventually waits until check returns true.
func Eventually(what string, check func() bool) {
	for end := time.Now().Add(60 * time.Second); !check(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			panic("not within 60 s: " + what)
		}
	}
}

// SameNumbers says that the values are the numbers first … first+count-1, each once, in any order.
func SameNumbers(values []string, first, count int) {
	numbers := make([]int, len(values))
	for i, value := range values {
		Got(fmt.Sscan(value, &numbers[i]))
	}
	sort.Ints(numbers)
	expected := make([]int, count)
	for i := range expected {
		expected[i] = first + i
	}
	Same(numbers, expected)
}

var stdin = bufio.NewReader(os.Stdin)

// Restart lets the broker end (kill, clean) and come back; it returns when the broker is ready.
func Restart(how string) {
	fmt.Println("restart", how)
	Same(Got(stdin.ReadString('\n')), "ready\n")
}

func Main(scenarios map[string]func(bootstrap string)) {
	scenarios[os.Args[1]](os.Args[2])
}
