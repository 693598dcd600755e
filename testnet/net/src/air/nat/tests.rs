//! Each kind lets in whom its RFC says, and writes packets that any other machine takes.

use super::*;

const INSIDE: Ipv4Addr = Ipv4Addr::new(10, 1, 2, 3);
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 3);
const HERE: Ipv4Addr = Ipv4Addr::new(10, 1, 2, 254);
const FRIEND: Place = (Ipv4Addr::new(198, 18, 0, 9), 4_000);
const HOUR: Duration = Duration::from_secs(3_600);

fn checksum(parts: &[&[u8]]) -> u16 {
    let all = parts.concat();
    let words = all.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

/// A packet from a place to another, with true checksums.
fn packet(transport: Transport, from: Place, to: Place) -> Vec<u8> {
    let number = if transport == Transport::Udp { 17 } else { 6 };
    let mut body = [&from.1.to_be_bytes()[..], &to.1.to_be_bytes(), &[0; 16], b"odd"].concat();
    let at = if transport == Transport::Udp { 6 } else { 16 };
    if transport == Transport::Udp {
        body[4..6].copy_from_slice(&23u16.to_be_bytes());
    }
    let pseudo = [&from.0.octets()[..], &to.0.octets(), &[0, number, 0, 23]].concat();
    let sum = checksum(&[&pseudo, &body]);
    body[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    let mut header =
        [&[0x45, 0, 0, 43, 0, 0, 0x40, 0, 64, number, 0, 0][..], &from.0.octets(), &to.0.octets()].concat();
    let sum = checksum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    [&mac_of(to.0)[..], &mac_of(from.0), &[8, 0], &header, &body].concat()
}

fn holds(frame: &[u8]) -> bool {
    let (header, body) = (&frame[14..34], &frame[34..]);
    let pseudo = [&header[12..20], &[0, header[9], 0, 23]].concat();
    checksum(&[header]) == 0 && checksum(&[&pseudo, body]) == 0
}

/// Sends from an inside port; the place it is seen at.
fn send(router: &mut Router, port: u16, to: Place, now: Duration) -> Place {
    let fate = router.outward(&packet(Transport::Udp, (INSIDE, port), to), now);
    let Fate::Passes(frame) = fate else { panic!("{fate:?}") };
    assert!(holds(&frame), "its checksums hold");
    let seen = Packet::read(frame).unwrap();
    assert_eq!((seen.source().0, seen.target()), (OUTSIDE, to));
    seen.source()
}

/// Whether what somebody sends there comes in; if so it comes to this inside port.
fn comes_in(router: &mut Router, from: Place, to: Place, now: Duration) -> Option<u16> {
    match router.inward(&packet(Transport::Udp, from, to), now) {
        Fate::Passes(frame) => {
            assert!(holds(&frame), "its checksums hold");
            let packet = Packet::read(frame).unwrap();
            assert_eq!((packet.source(), packet.target().0), (from, INSIDE));
            Some(packet.target().1)
        }
        fate => {
            assert_eq!(fate, Fate::Refused);
            None
        }
    }
}

#[test]
fn each_kind_maps_and_filters_as_its_rfc_says() {
    let (same_host, stranger) = ((FRIEND.0, 4_001), (Ipv4Addr::new(198, 18, 0, 8), 4_000));
    let table = [
        (Nat::FullCone, true, true),
        (Nat::AddressRestricted, true, false),
        (Nat::PortRestricted, false, false),
        (Nat::Symmetric, false, false),
    ];
    for (nat, from_same_host, from_stranger) in table {
        let (mut router, now) = (Router::new(nat, INSIDE, OUTSIDE, HERE), Duration::ZERO);
        assert_eq!(comes_in(&mut router, FRIEND, (OUTSIDE, 20_011), now), None, "nothing was sent yet");
        let seen = send(&mut router, 7, FRIEND, now);
        assert_eq!(comes_in(&mut router, FRIEND, seen, now), Some(7), "{nat:?}: an answer");
        assert_eq!(comes_in(&mut router, same_host, seen, now).is_some(), from_same_host, "{nat:?}");
        assert_eq!(comes_in(&mut router, stranger, seen, now).is_some(), from_stranger, "{nat:?}");
        let elsewhere = send(&mut router, 7, stranger, now);
        assert_eq!(elsewhere == seen, nat != Nat::Symmetric, "{nat:?}");
        assert_eq!(comes_in(&mut router, stranger, elsewhere, now), Some(7));
        assert_ne!(send(&mut router, 8, FRIEND, now), seen, "another port is another mapping");
    }
}

#[test]
fn a_mapping_that_nothing_goes_out_by_is_over_and_what_comes_in_does_not_keep_it() {
    let mut router = Router::new(Nat::FullCone, INSIDE, OUTSIDE, HERE);
    let life = Transport::Udp.life();
    let seen = send(&mut router, 7, FRIEND, HOUR);
    assert_eq!(comes_in(&mut router, FRIEND, seen, HOUR + life), Some(7));
    assert_eq!(comes_in(&mut router, FRIEND, seen, HOUR + life + Duration::from_secs(1)), None);
    assert_ne!(send(&mut router, 7, FRIEND, HOUR * 2), seen);
}

#[test]
fn tcp_has_mappings_of_its_own() {
    let mut router = Router::new(Nat::PortRestricted, INSIDE, OUTSIDE, HERE);
    let seen = send(&mut router, 7, FRIEND, HOUR);
    let Fate::Passes(frame) = router.outward(&packet(Transport::Tcp, (INSIDE, 7), FRIEND), HOUR) else {
        panic!()
    };
    assert!(holds(&frame));
    assert_ne!(Packet::read(frame).unwrap().source(), seen);
    let back = packet(Transport::Tcp, FRIEND, seen);
    assert_eq!(router.inward(&back, HOUR), Fate::Refused, "that port is one of UDP");
}

#[test]
fn nobody_else_is_translated_and_parts_and_other_kinds_go_nowhere() {
    let mut router = Router::new(Nat::FullCone, INSIDE, OUTSIDE, HERE);
    let whole = packet(Transport::Udp, (INSIDE, 7), FRIEND);
    let mut part = whole.clone();
    part[20] |= 0x20;
    let mut icmp = whole.clone();
    icmp[23] = 1;
    let for_all = packet(Transport::Udp, (INSIDE, 7), (Ipv4Addr::new(224, 0, 0, 251), 5_353));
    let not_its_own = packet(Transport::Udp, (FRIEND.0, 7), FRIEND);
    for frame in [part, icmp, for_all, not_its_own, whole[..40].to_vec(), Vec::new()] {
        assert_eq!(router.outward(&frame, HOUR), Fate::Refused);
        assert_eq!(router.inward(&frame, HOUR), Fate::Refused);
    }
    let to_the_inside = packet(Transport::Udp, FRIEND, (INSIDE, 7));
    assert_eq!(router.inward(&to_the_inside, HOUR), Fate::Refused, "the inside is not seen");
    let to_here = packet(Transport::Tcp, (INSIDE, 8_081), (HERE, 50_000));
    assert_eq!(
        router.outward(&to_here, HOUR),
        Fate::Passes(to_here.clone()),
        "nothing is between it and this machine"
    );
}

#[test]
fn whoever_asks_where_an_address_is_is_told_by_the_router_alone() {
    let ask = |sender: Ipv4Addr, target: Ipv4Addr| {
        let words: [&[u8]; 7] = [
            &[0xff; 6],
            &mac_of(sender),
            &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1],
            &mac_of(sender),
            &sender.octets(),
            &[0; 6],
            &target.octets(),
        ];
        words.concat()
    };
    let mut router = Router::new(Nat::FullCone, INSIDE, OUTSIDE, HERE);
    let Fate::Answered(answer) = router.outward(&ask(INSIDE, FRIEND.0), HOUR) else { panic!() };
    assert_eq!((&answer[..6], &answer[6..12]), (&mac_of(INSIDE)[..], &mac_of(FRIEND.0)[..]));
    let arp = Arp::read(&answer).unwrap();
    assert_eq!((arp.is_request, arp.sender, arp.target), (false, FRIEND.0, INSIDE));
    assert_eq!(router.outward(&ask(INSIDE, INSIDE), HOUR), Fate::Refused, "its own announcement");
    let Fate::Answered(answer) = router.inward(&ask(FRIEND.0, OUTSIDE), HOUR) else { panic!() };
    assert_eq!(Arp::read(&answer).unwrap().sender, OUTSIDE);
    assert_eq!(router.inward(&ask(FRIEND.0, INSIDE), HOUR), Fate::Refused);
}

#[test]
fn a_flood_of_ports_and_of_places_fills_a_table_and_no_more() {
    let mut router = Router::new(Nat::Symmetric, INSIDE, OUTSIDE, HERE);
    for number in 0..6_000u16 {
        send(&mut router, 7, (FRIEND.0, number + 1), HOUR);
    }
    assert_eq!((router.mappings.len(), router.taken.len()), (MAPPINGS_MAX, MAPPINGS_MAX));
    let mut router = Router::new(Nat::PortRestricted, INSIDE, OUTSIDE, HERE);
    for number in 0..2_000u16 {
        send(&mut router, 7, (FRIEND.0, number + 1), HOUR);
    }
    assert!(router.mappings.values().all(|mapping| mapping.sent_to.len() == SENT_TO_MAX));
}
