//! What git keeps beside its objects, as inputs.

use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use crate::finding::{Failure, Skip};
use crate::git::{OwnFile, Repository};
use crate::input::{ContentId, Focus, Input, InputPath, Origin};
use crate::source::{Bytes, Item, Sink, WHOLE, Worker};

/// Hands over every file of git's own.
pub fn visit(repository: &Repository, sink: &dyn Sink, threads: usize) {
    let own = repository.own_files();
    let (next, number) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || {
        let mut worker = sink.worker();
        while let Some(file) = own.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if sink.is_interrupted() {
                return;
            }
            hand_over(file, ContentId::Number(number.fetch_add(1, Ordering::Relaxed)), &mut *worker);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(own.files.len() / 8) {
            scope.spawn(work);
        }
        work();
    });
    let mut worker = sink.worker();
    for nested in &own.nested {
        worker.take(Item::Skipped { skip: Skip::Submodule, input: Some(&input(nested)) });
    }
    for (folder, message) in &own.unreadable {
        worker.take(Item::Failed { input: &input(folder), kind: Failure::Unreadable, message: message.clone(), help: None });
    }
}

fn input(file: &OwnFile) -> Input {
    Input { path: InputPath::new(&file.path), origin: Origin::File }
}

fn hand_over(file: &OwnFile, id: ContentId, worker: &mut dyn Worker) {
    let input = input(file);
    let read = File::open(&file.place).and_then(|mut opened| {
        let length = opened.metadata()?.len();
        let mut bytes = Vec::new();
        if length <= WHOLE {
            opened.read_to_end(&mut bytes)?;
        }
        Ok((length <= WHOLE, opened, bytes))
    });
    match read {
        Ok((true, _, bytes)) => worker.take(Item::Content { id, input: &input, bytes: Bytes::Whole(&bytes), focus: &Focus::Whole }),
        Ok((false, mut opened, _)) => {
            worker.take(Item::Content { id, input: &input, bytes: Bytes::File(&mut opened), focus: &Focus::Whole });
        }
        Err(error) => worker.take(Item::Failed { input: &input, kind: Failure::Unreadable, message: error.to_string(), help: None }),
    }
}
