//! Addresses and the ranges of them, for both versions of the protocol.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Call, Failure, Outcome, Table};
use crate::base::text_map::Text;
use crate::iac::Value;

pub(super) const TABLE: Table = &[
    ("cidrcontains", |call| {
        let outer = Range::of(&call.word(0)?)?;
        let inner = call.word(1)?;
        let inner = if inner.contains('/') { Range::of(&inner)? } else { Range::single(&inner)? };
        if outer.bits != inner.bits {
            return Err(Failure::Failed);
        }
        call.truth(outer.length <= inner.length && outer.network() == Range { length: outer.length, ..inner }.network())
    }),
    ("cidrhost", |call| {
        let (range, number) = (Range::of(&call.word(0)?)?, call.number(1)?);
        let host = i128::from(super::whole(number).ok_or(Failure::Unknown)?);
        let room = range.bits - range.length;
        // A negative number counts from the end.
        let size = if room >= 127 { i128::MAX } else { 1_i128 << room };
        if host >= size || host < -size {
            return Err(Failure::Failed);
        }
        let host = if host < 0 { host.cast_unsigned() & mask(room) } else { host.cast_unsigned() };
        Ok(call.computed(&range.print(range.network() | host), 0))
    }),
    ("cidrnetmask", |call| {
        let range = Range::of(&call.word(0)?)?;
        // Netmasks are a matter of the old version.
        if range.bits != 32 {
            return Err(Failure::Failed);
        }
        Ok(call.computed(&range.print(mask(32) ^ mask(32 - range.length)), 0))
    }),
    ("cidrsubnet", |call| {
        let (range, new, number) = (Range::of(&call.word(0)?)?, call.integer(1)?, call.integer(2)?);
        let new = u32::try_from(new).map_err(|_| Failure::Failed)?;
        let number = u128::try_from(number).map_err(|_| Failure::Failed)?;
        let length = range.length.checked_add(new).filter(|length| *length <= range.bits).ok_or(Failure::Failed)?;
        if number > mask(new) {
            return Err(Failure::Failed);
        }
        Ok(call.computed(&Range { address: range.network() | shifted(number, range.bits - length), length, ..range }.to_string(), 0))
    }),
    ("cidrsubnets", cidrsubnets),
];

#[derive(Clone, Copy)]
struct Range {
    address: u128,
    /// Bits of the network.
    length: u32,
    /// Bits of an address: 32 or 128.
    bits: u32,
}

/// So many ones at the end.
fn mask(bits: u32) -> u128 {
    if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

fn shifted(number: u128, bits: u32) -> u128 {
    number.checked_shl(bits).unwrap_or(0)
}

impl Range {
    fn of(written: &str) -> Outcome<Range> {
        let (address, length) = written.split_once('/').ok_or(Failure::Failed)?;
        let single = Range::single(address)?;
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length = length.parse().ok().filter(|length| digits && *length <= single.bits).ok_or(Failure::Failed)?;
        Ok(Range { length, ..single })
    }

    /// One address. Zeros before an octet say nothing.
    fn single(written: &str) -> Outcome<Range> {
        if written.contains(':') {
            let address: Ipv6Addr = written.parse().map_err(|_| Failure::Failed)?;
            return Ok(Range { address: address.to_bits(), length: 128, bits: 128 });
        }
        let mut address = 0;
        let mut octets = 0;
        for octet in written.split('.') {
            let digits = (1..=8).contains(&octet.len()) && octet.bytes().all(|byte| byte.is_ascii_digit());
            let octet: u8 = octet.parse().ok().filter(|_| digits).ok_or(Failure::Failed)?;
            address = address << 8 | u128::from(octet);
            octets += 1;
            if octets > 4 {
                return Err(Failure::Failed);
            }
        }
        if octets == 4 { Ok(Range { address, length: 32, bits: 32 }) } else { Err(Failure::Failed) }
    }

    fn network(self) -> u128 {
        self.address & !mask(self.bits - self.length) & mask(self.bits)
    }

    fn print(self, address: u128) -> String {
        match u32::try_from(address) {
            Ok(address) if self.bits == 32 => Ipv4Addr::from_bits(address).to_string(),
            _ => Ipv6Addr::from_bits(address).to_string(),
        }
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.print(self.network()), self.length)
    }
}

/// Ranges one after the other, each at the next place that its size allows.
fn cidrsubnets(call: &Call<'_>) -> Outcome {
    let range = Range::of(&call.word(0)?)?;
    let place = call.argument(0)?.place;
    call.make(call.arguments.len().saturating_mul(2))?;
    let last = range.network() | mask(range.bits - range.length);
    // The first address that is free; none behind the last one.
    let mut free = Some(range.network());
    let mut items = Vec::new();
    for at in 1..call.arguments.len() {
        let new = u32::try_from(call.integer(at)?).ok().filter(|new| (1..=32).contains(new)).ok_or(Failure::Failed)?;
        let length = range.length + new;
        if length > range.bits {
            return Err(Failure::Failed);
        }
        let within = mask(range.bits - length);
        let start = free.and_then(|free| free.checked_add(within)).map(|end| end & !within).ok_or(Failure::Failed)?;
        if start | within > last {
            return Err(Failure::Failed);
        }
        free = (start | within).checked_add(1);
        let made = Range { address: start, length, bits: range.bits }.to_string();
        items.push(Value::text(Text::within(made.as_bytes(), place), place));
    }
    call.items(items, false)
}
