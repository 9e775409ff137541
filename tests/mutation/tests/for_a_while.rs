//! Mutated webhooks and frames for twenty seconds: no panic, and no more memory than a few times the body.
//!
//! A failure names its seed: `GHLKIT_MUTATION_SEED=… cargo test -p mutation` begins with that case.
//! `GHLKIT_MUTATION_SECONDS` says for how long.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::{
    env,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use ghlkit::{Code, testing::SeededEntropy, webhook};
use mutation::{TARGETS, bodies, bombs, crowds, mutate};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most that a body may take, in its own lengths, and what any takes: errors, and the event itself.
const TIMES: usize = 4;
const FIXED: usize = 4_096;
/// How much text some bodies have beside what they say, in bytes.
const PADDING: usize = 30_000;

/// The most memory that is taken at once, beside what there was.
fn peak(work: impl FnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    work();
    MEMORY.peak_usage() - before
}

/// Says which case it was, where one fails.
struct Case(u64);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("replay it with GHLKIT_MUTATION_SEED={} cargo test -p mutation", self.0);
        }
    }
}

/// One test, so that nothing else takes memory meanwhile.
#[test]
fn whatever_comes_in_is_answered_in_little_memory() {
    nesting_is_refused();
    a_crowd_of_small_values_takes_no_more();
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap();
    let first = number("GHLKIT_MUTATION_SEED").unwrap_or_else(now);
    let until = Instant::now() + Duration::from_secs(number("GHLKIT_MUTATION_SECONDS").unwrap_or(20));
    println!("GHLKIT_MUTATION_SEED={first}");
    let corpus = bodies();
    assert!(corpus.len() > 100, "the vectors are there");
    let mut most = [0; TARGETS.len()];
    let mut seed = first;
    while Instant::now() < until {
        let _case = Case(seed);
        let took = try_case(&corpus, seed);
        most.iter_mut().zip(took).for_each(|(most, took)| *most = took.max(*most));
        seed = seed.wrapping_add(1);
    }
    assert_ne!(seed, first, "there was no time");
    println!("{} cases, which took up to {most:?} bytes", seed.wrapping_sub(first));
}

/// How much memory each target took for one mutated body.
fn try_case(corpus: &[Vec<u8>], seed: u64) -> [usize; TARGETS.len()] {
    let random = SeededEntropy::new(seed);
    let pick = || &corpus[usize::try_from(random.below(corpus.len() as u64)).unwrap()];
    let (mut body, other) = (pick().clone(), pick());
    if random.chance(0.1) {
        let padded = format!("{{\"note\":\"{}\",", "löyly ".repeat(PADDING / 7));
        body.splice(..body.len().min(1), padded.into_bytes());
    }
    mutate(&mut body, other, &random);
    TARGETS.map(|(name, target)| {
        let mut input = as_sent(name, &body, &random);
        if random.chance(0.5) {
            mutate(&mut input, other, &random);
        }
        let took = peak(|| target(&input));
        assert!(
            took <= TIMES * input.len() + FIXED,
            "{name} took {took} bytes for {}: {:?}",
            input.len(),
            String::from_utf8_lossy(&input)
        );
        took
    })
}

/// The body as a target takes it, with what a sender would have put around it.
fn as_sent(target: &str, body: &[u8], random: &SeededEntropy) -> Vec<u8> {
    match target {
        "parse" => body.to_vec(),
        "verify" => [mutation::signature(body, random).as_bytes(), b"\n", body].concat(),
        "headers" => mutation::header_lines(random).into_bytes(),
        _ => mutation::frames(target, body, random),
    }
}

/// What is read of a body may be nothing but the smallest values there are.
fn a_crowd_of_small_values_takes_no_more() {
    for body in crowds(12_000) {
        let shown = String::from_utf8_lossy(&body[..120]).into_owned();
        let read = peak(|| assert!(webhook::parse(&body).is_ok(), "{shown}"));
        let summed = peak(|| assert!(webhook::Summary::read(&body).is_ok()));
        assert!(read <= TIMES * body.len() + FIXED, "{read} bytes for {}: {shown}", body.len());
        // A text with escapes is a copy.
        assert!(summed <= body.len() + FIXED, "{summed}: {shown}");
    }
}

fn nesting_is_refused() {
    for bomb in bombs(100_000) {
        let took = peak(|| assert_eq!(webhook::parse(&bomb).unwrap_err().code(), Code::Payload));
        assert!(took <= TIMES * bomb.len(), "{took}");
        TARGETS.iter().for_each(|(_, target)| target(&bomb));
    }
}
