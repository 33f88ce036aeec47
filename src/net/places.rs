//! How many connections a listener has, in all and from each peer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Places for connections. All clones are one.
#[derive(Clone, Debug)]
pub(super) struct Places {
    most: usize,
    most_per_peer: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Peers that have some; at most as many as there are connections.
    peers: HashMap<IpAddr, usize>,
}

/// A place; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    peer: Option<IpAddr>,
}

impl Places {
    /// So many places, and so many for each peer.
    pub(super) fn new(most: usize, most_per_peer: usize) -> Self {
        Self { most, most_per_peer, taken: Arc::default() }
    }

    /// Takes a place; a peer without an address is on this machine. `None` if there is none.
    pub(super) fn take(&self, peer: Option<IpAddr>) -> Option<Place> {
        let peer = peer.map(|peer| peer.to_canonical());
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.most {
            return None;
        }
        if let Some(peer) = peer {
            let of_peer = taken.peers.entry(peer).or_default();
            if *of_peer >= self.most_per_peer {
                return None;
            }
            *of_peer += 1;
        }
        taken.all += 1;
        Some(Place { places: self.clone(), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        let Some(peer) = self.peer else { return };
        if let Some(of_peer) = taken.peers.get_mut(&peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                taken.peers.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_all_and_by_peer() {
        let places = Places::new(3, 2);
        let (one, other): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "::ffff:10.0.0.1".parse().unwrap());
        let held = [places.take(Some(one)).unwrap(), places.take(Some(other)).unwrap()];
        assert!(places.take(Some(one)).is_none(), "it is one peer in two spellings");
        let third = places.take(None).unwrap();
        assert!(places.take(None).is_none());
        drop(third);
        drop(held);
        assert!(places.taken.lock().unwrap().peers.is_empty(), "who is gone is forgotten");
        assert!(places.take(Some(one)).is_some());
    }
}
