//! Who is connected, and who has to go when there is no more room: whoever has waited longest without having asked anything
//! to its end.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How many may be connected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// In all.
    pub(crate) all: usize,
    /// From one address; of IPv6, from one network, for whoever has one of its addresses has all of them.
    pub(crate) address: usize,
}

/// How many bits of an IPv6 address name a network.
const NETWORK: u32 = 64;

/// What a visitor is counted as: their address, or of IPv6 its network.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - NETWORK))))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// All who are connected.
pub(super) struct Seats {
    room: Room,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    /// Grows with each connection and each answer.
    next: u64,
    by_id: HashMap<u64, Connection>,
    /// Those who have not asked to the end, or nothing since the last answer, by how long.
    waiting: BTreeMap<u64, u64>,
    by_address: HashMap<IpAddr, usize>,
}

struct Connection {
    address: Option<IpAddr>,
    /// Its place among those who wait.
    waits: Option<u64>,
    leave: Arc<Notify>,
}

/// A place among those who are connected; it is free when it is dropped.
pub(super) struct Seat {
    seats: Arc<Seats>,
    id: u64,
    leave: Arc<Notify>,
}

impl Seats {
    pub(super) fn new(room: Room) -> Arc<Self> {
        Arc::new(Self { room, taken: Mutex::default() })
    }

    /// Takes a place for somebody from an address, or from nowhere that counts. None where all are taken by those whose
    /// request is being answered.
    pub(super) fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Seat> {
        let address = address.map(network);
        let mut taken = self.taken();
        let is_full_of = |taken: &Taken| {
            address.is_some_and(|address| {
                taken.by_address.get(&address).is_some_and(|count| *count >= self.room.address)
            })
        };
        if is_full_of(&taken) && !taken.dismiss(address) {
            return None;
        }
        if taken.by_id.len() >= self.room.all && !taken.dismiss(None) {
            return None;
        }
        let id = taken.number();
        let leave = Arc::new(Notify::new());
        let connection = Connection { address, waits: Some(id), leave: Arc::clone(&leave) };
        taken.by_id.insert(id, connection);
        taken.waiting.insert(id, id);
        if let Some(address) = address {
            *taken.by_address.entry(address).or_default() += 1;
        }
        Some(Seat { seats: Arc::clone(self), id, leave })
    }

    /// Has whoever waited longest go, where the system has no room for one more.
    pub(super) fn make_room(&self) {
        self.taken().dismiss(None);
    }

    /// How many are connected.
    pub(super) fn count(&self) -> usize {
        self.taken().by_id.len()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Has whoever waited longest go, of those from an address or of all; whether there was somebody.
    fn dismiss(&mut self, address: Option<IpAddr>) -> bool {
        let is_of = |id: &u64| {
            address.is_none() || self.by_id.get(id).is_some_and(|connection| connection.address == address)
        };
        let Some(id) = self.waiting.values().find(|id| is_of(id)).copied() else { return false };
        if let Some(connection) = self.by_id.get(&id) {
            connection.leave.notify_one();
        }
        self.remove(id);
        true
    }

    fn remove(&mut self, id: u64) {
        let Some(connection) = self.by_id.remove(&id) else { return };
        if let Some(place) = connection.waits {
            self.waiting.remove(&place);
        }
        if let Some(address) = connection.address
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Seat {
    /// Ends when whoever has it must go.
    pub(super) async fn dismissed(&self) {
        self.leave.notified().await;
    }

    /// Says that a whole request has come, its body too.
    pub(super) fn asks(&self) {
        let mut taken = self.seats.taken();
        let place = taken.by_id.get_mut(&self.id).and_then(|connection| connection.waits.take());
        if let Some(place) = place {
            taken.waiting.remove(&place);
        }
    }

    /// Says that it was answered.
    pub(super) fn waits(&self) {
        let mut taken = self.seats.taken();
        let place = taken.number();
        if let Some(connection) = taken.by_id.get_mut(&self.id) {
            let before = connection.waits.replace(place);
            taken.waiting.insert(place, self.id);
            if let Some(before) = before {
                taken.waiting.remove(&before);
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().remove(self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Room, Seat, Seats};

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn is_dismissed(seat: &Seat) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let second = std::time::Duration::from_secs(1);
        runtime.unwrap().block_on(async { tokio::time::timeout(second, seat.dismissed()).await.is_ok() })
    }

    #[test]
    fn f1_who_waited_longest_without_asking_goes_when_there_is_no_room() {
        let seats = Seats::new(Room { all: 3, address: 3 });
        let taken: Vec<Seat> = (1..=3).map(|last| seats.take(Some(address(last))).unwrap()).collect();
        taken[0].asks();
        let late = seats.take(Some(address(4))).unwrap();
        assert_eq!(taken.iter().map(is_dismissed).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(seats.count(), 3);
        taken[0].waits();
        let later = seats.take(None).unwrap();
        assert_eq!(
            (is_dismissed(&taken[2]), is_dismissed(&taken[0]), is_dismissed(&late)),
            (true, false, false)
        );
        for seat in [&taken[0], &late, &later] {
            seat.asks();
        }
        assert!(seats.take(Some(address(5))).is_none(), "nobody who is being answered has to go");
        drop(taken);
        assert_eq!(seats.count(), 2);
        assert!(seats.take(Some(address(5))).is_some());
    }

    #[test]
    fn f1_one_address_takes_no_more_than_its_share() {
        let seats = Seats::new(Room { all: 10, address: 2 });
        let others = seats.take(Some(address(1))).unwrap();
        let taken: Vec<Seat> = (0..4).map(|_| seats.take(Some(address(2))).unwrap()).collect();
        assert_eq!(taken.iter().map(is_dismissed).collect::<Vec<_>>(), [true, true, false, false]);
        assert!(!is_dismissed(&others));
        let of_proxy: Vec<Seat> = (0..5).map(|_| seats.take(None).unwrap()).collect();
        assert_eq!((of_proxy.len(), seats.count()), (5, 8), "who stands for many is not counted");
        drop(taken);
        assert_eq!(seats.count(), 6);
    }

    #[test]
    fn f1_a_network_of_ipv6_takes_no_more_than_an_address_does() {
        let seats = Seats::new(Room { all: 10, address: 2 });
        let sit = |address: &str| seats.take(Some(address.parse().unwrap())).unwrap();
        let same = ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::"].map(sit);
        let others = ["2001:db8:1:3::1", "192.0.2.1", "::ffff:192.0.2.1"].map(sit);
        assert_eq!(same.each_ref().map(is_dismissed), [true, false, false]);
        assert_eq!(others.each_ref().map(is_dismissed), [false; 3]);
        let third = sit("192.0.2.1");
        assert!(is_dismissed(&others[1]) && !is_dismissed(&third), "one address in two spellings");
    }
}
