//! The walk over a database: which thread decodes what, in which order, and what happens where an object is damaged.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::object::{Found, Kind, Numbers, Objects, Step, Visitor, read_loose};
use super::pack::{Decoder, NONE};
use super::{id_of, oid_of};
use crate::input::{Carry, Made};

impl Objects {
    /// Walks the objects of some kinds (`only` some numbers, where given) with a visitor for each thread. Failures of an
    /// unknown kind are told to a walk that asks for blobs. Ends early once `stop` says so.
    pub fn walk<V: Visitor>(
        &self,
        kinds: &[Kind],
        only: Option<&Numbers>,
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
        make: &(dyn Fn() -> V + Sync),
    ) -> Vec<V::Harvest> {
        let plans: Vec<Plan> = (0..self.packs.len()).map(|pack| self.plan(pack, kinds, only)).collect();
        let roots: Vec<(usize, u32)> =
            plans.iter().enumerate().flat_map(|(at, plan)| plan.roots.iter().map(move |root| (at, *root))).collect();
        let (next_root, next_loose) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = || {
            let held = self.held() / threads.max(1);
            let mut thread =
                Thread { objects: self, kinds, stop, visitor: make(), decoder: Decoder::default(), spare: Vec::new(), most: held };
            while let Some((pack, root)) = roots.get(next_root.fetch_add(1, Ordering::Relaxed)) {
                if stop() {
                    break;
                }
                if let Some(plan) = plans.get(*pack) {
                    thread.grove(*pack, plan, *root);
                }
            }
            loop {
                let at = next_loose.fetch_add(1, Ordering::Relaxed);
                if at >= self.loose.len() || stop() {
                    return thread.visitor.finish();
                }
                let number = self.first_loose() + u32::try_from(at).unwrap_or(NONE);
                if only.is_none_or(|only| only.contains(number)) {
                    thread.loose(at, number);
                }
            }
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
            let mut harvests = vec![work()];
            // A panic of a visitor is a panic of the walk.
            harvests.extend(others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
            harvests
        })
    }

    /// Which nodes of a pack are visited, and which are decoded on the way.
    fn plan(&self, at: usize, kinds: &[Kind], only: Option<&Numbers>) -> Plan {
        let (Some(pack), Some(start)) = (self.packs.get(at), self.starts.get(at)) else { return Plan::default() };
        let forest = &pack.forest;
        let mut plan = Plan { visit: Numbers::default(), pass: Numbers::default(), roots: Vec::new() };
        for node in 0..u32::try_from(forest.len()).unwrap_or(NONE) {
            let kind = forest.kind.get(node as usize).copied().flatten();
            // What hangs on nothing is of an unknown kind.
            let asked = kind.map_or(kinds.contains(&Kind::Blob), |kind| kinds.contains(&kind));
            let place = pack.place_of(node);
            if !asked || only.is_some_and(|only| !only.contains(start + place)) {
                continue;
            }
            let earlier = self.packs.get(..at).unwrap_or_default();
            if !earlier.is_empty() && earlier.iter().any(|other| other.place(pack.id_at(place)).is_some()) {
                continue;
            }
            plan.visit.insert(node);
            if kind.is_none() {
                plan.roots.push(node);
                continue;
            }
            let mut up = node;
            while up != NONE && !plan.pass.contains(up) {
                plan.pass.insert(up);
                up = forest.parent.get(up as usize).copied().unwrap_or(NONE);
            }
        }
        plan.roots.extend(forest.roots().filter(|root| plan.pass.contains(*root)));
        plan
    }
}

#[derive(Default)]
struct Plan {
    visit: Numbers,
    pass: Numbers,
    roots: Vec<u32>,
}

struct Thread<'a, V> {
    objects: &'a Objects,
    kinds: &'a [Kind],
    stop: &'a (dyn Fn() -> bool + Sync),
    visitor: V,
    decoder: Decoder,
    spare: Vec<Vec<u8>>,
    /// Bytes of bases that it holds before it decodes chains anew instead.
    most: usize,
}

/// An object whose children are still to be decoded.
struct Frame {
    node: u32,
    next: usize,
    /// None where too much was held already.
    bytes: Option<Vec<u8>>,
    carry: Option<Carry>,
}

impl Frame {
    fn held(&self) -> usize {
        self.bytes.as_ref().map_or(0, Vec::len) + self.carry.as_ref().map_or(0, Carry::size)
    }
}

impl<V: Visitor> Thread<'_, V> {
    /// Walks all that hangs on a root. The stack is a list of its own: chains may be as long as the pack.
    fn grove(&mut self, at: usize, plan: &Plan, root: u32) {
        let Some(pack) = self.objects.packs.get(at) else { return };
        let mut held = 0usize;
        let mut stack: Vec<Frame> = Vec::new();
        let mut bytes = self.spare.pop().unwrap_or_default();
        if pack.forest.kind.get(root as usize).copied().flatten().is_none() {
            return self.elsewhere(at, root, "its base is missing");
        }
        match pack.decode(root, None, &mut self.decoder, &mut bytes) {
            Ok(()) => {}
            Err(message) => return self.lost(at, plan, root, &message),
        }
        let carry = self.visit(at, plan, root, &bytes, None);
        let first = Frame { node: root, next: 0, bytes: Some(bytes), carry };
        held += first.held();
        stack.push(first);
        while let Some(frame) = stack.last_mut().filter(|_| !(self.stop)()) {
            let rest = pack.forest.children(frame.node).get(frame.next..).unwrap_or_default();
            let skipped = rest.iter().take_while(|child| !plan.pass.contains(**child)).count();
            let Some(child) = rest.get(skipped).copied() else {
                let done = stack.pop();
                held -= done.as_ref().map_or(0, Frame::held);
                self.recycle(done.and_then(|frame| frame.bytes));
                continue;
            };
            frame.next += skipped + 1;
            let parent = frame.node;
            let mut bytes = self.spare.pop().unwrap_or_default();
            let decoded = match &frame.bytes {
                Some(base) => pack.decode(child, Some(base), &mut self.decoder, &mut bytes),
                None => pack.decode_alone(child, &mut self.decoder, &mut bytes),
            };
            if let Err(message) = decoded {
                self.lost(at, plan, child, &message);
                continue;
            }
            let base = frame.bytes.as_deref().map(|base| (parent, base, frame.carry.as_ref()));
            let carry = self.visit(at, plan, child, &bytes, base);
            if pack.forest.children(child).iter().any(|c| plan.pass.contains(*c)) {
                let keeps = held.saturating_add(bytes.len()) <= self.most;
                let next = Frame { node: child, next: 0, bytes: keeps.then_some(bytes), carry: carry.filter(|_| keeps) };
                held += next.held();
                stack.push(next);
            } else {
                self.recycle(Some(bytes));
            }
        }
    }

    fn recycle(&mut self, bytes: Option<Vec<u8>>) {
        if let Some(bytes) = bytes.filter(|b| b.capacity() <= 1 << 20 && self.spare.len() < 64) {
            self.spare.push(bytes);
        }
    }

    fn number(&self, at: usize, node: u32) -> Option<u32> {
        let pack = self.objects.packs.get(at)?;
        // In several packs, an object goes by its number in the first.
        if at == 0 { Some(pack.place_of(node)) } else { self.objects.number(pack.id_at(pack.place_of(node)).as_bytes()) }
    }

    /// Shows an object: its node, and the node, the bytes and the carry of what it is made of. What it leaves.
    fn visit(&mut self, at: usize, plan: &Plan, node: u32, bytes: &[u8], base: Option<(u32, &[u8], Option<&Carry>)>) -> Option<Carry> {
        if !plan.visit.contains(node) {
            return None;
        }
        let pack = self.objects.packs.get(at)?;
        let (Some(number), Some(Some(kind))) = (self.number(at, node), pack.forest.kind.get(node as usize)) else { return None };
        let id = id_of(pack.id_at(pack.place_of(node)));
        let made = base.and_then(|(_, bytes, carry)| Some(Made { of: carry?, of_length: bytes.len(), copies: &self.decoder.copies }));
        let base = base.and_then(|(node, bytes, _)| Some((self.number(at, node)?, bytes)));
        self.visitor.step(Step::Object(Found { number, id, kind: *kind, bytes, base, made }));
        self.visitor.carry()
    }

    /// An object could not be decoded, so none that hangs on it can.
    fn lost(&mut self, at: usize, plan: &Plan, node: u32, message: &str) {
        let Some(pack) = self.objects.packs.get(at) else { return };
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            if plan.visit.contains(node) {
                self.elsewhere(at, node, message);
            }
            todo.extend(pack.forest.children(node));
        }
    }

    /// Looks for another copy.
    fn elsewhere(&mut self, at: usize, node: u32, message: &str) {
        let Some(pack) = self.objects.packs.get(at) else { return };
        let id = id_of(pack.id_at(pack.place_of(node)));
        let Some(number) = self.number(at, node) else { return };
        let step = match self.objects.read_with(id, Some(at), &mut self.decoder) {
            Ok((kind, bytes)) if self.kinds.contains(&kind) => {
                return self.visitor.step(Step::Object(Found { number, id, kind, bytes: &bytes, base: None, made: None }));
            }
            // A header that lies about the kind too: whoever asks for the real kind is not told of it.
            Ok(_) | Err(_) => {
                Step::Failed { number, id, kind: pack.forest.kind.get(node as usize).copied().flatten(), message: message.to_owned() }
            }
        };
        self.visitor.step(step);
    }

    fn loose(&mut self, at: usize, number: u32) {
        let Some((id, store)) = self.objects.loose.get(at) else { return };
        let id = *id;
        if self.objects.loose_kind(at).is_some_and(|kind| !self.kinds.contains(&kind)) {
            return;
        }
        let (Some(store), Some(oid)) = (self.objects.loose_stores.get(*store as usize), oid_of(id)) else { return };
        let mut bytes = self.spare.pop().unwrap_or_default();
        let read = match read_loose(store, &oid, &mut bytes) {
            Ok(Some(kind)) => Ok(kind),
            // Packed away since it was listed, or damaged here and whole in another store.
            Ok(None) => Err("it vanished while it was looked at".to_owned()),
            Err(message) => Err(message),
        };
        let read = read.or_else(|message| match self.objects.read_with(id, None, &mut self.decoder) {
            Ok((kind, found)) => {
                bytes = found;
                Ok(kind)
            }
            Err(_) => Err(message),
        });
        match read {
            Ok(kind) => {
                self.objects.remember_loose_kind(at, kind);
                if self.kinds.contains(&kind) {
                    self.visitor.step(Step::Object(Found { number, id, kind, bytes: &bytes, base: None, made: None }));
                }
            }
            Err(message) if self.kinds.contains(&Kind::Blob) => self.visitor.step(Step::Failed { number, id, kind: None, message }),
            Err(_) => {}
        }
        self.recycle(Some(bytes));
    }
}
