//! Counts of what was done to the nodes. A kind of fault that never happened was not survived.

use crate::counts::counts;

counts! {
    /// Injected faults, by kind.
    Faults {
        /// Links that were cut.
        links_cut "links cut";
        /// Frames that were lost with a link.
        frames_lost "frames lost";
        /// Frames that took longer than in fair weather.
        delayed "frames delayed";
        /// Frames and ops that came twice.
        duplicated "duplicated";
        /// Frames that overtook another, and ops that came before those they follow.
        reordered "reordered";
        /// Times the network was split.
        splits "splits";
        /// Times somebody was heard and heard nothing, or the other way round.
        one_way "one-way silences";
        /// Frames that were lost in one.
        unheard "frames unheard";
        /// Processes that died after deciding and before writing.
        died_before_writing "died before writing";
        /// Processes that died after writing and before telling anybody.
        died_after_writing "died after writing";
        /// Batches that a full disk refused.
        disk_full "disk full";
        /// Batches of which a disk said that it cannot.
        io_errors "I/O errors";
        /// Times a disk was too slow for its program to take anything in.
        slow_disks "slow disks";
        /// Frames that waited for one.
        slowed "frames that waited for a disk";
        /// Times a program was set back to an older copy of its store: what it was told is durable was not.
        set_back "set back";
        /// Bodies in which a bit flipped.
        bodies_flipped "bodies flipped";
        /// Headers in which one did.
        headers_flipped "headers flipped";
        /// Records that came to lie where another belongs.
        astray "writes gone astray";
        /// Jumps of a clock.
        clock_jumps "clock jumps";
        /// Jumps of ten years back ..
        clock_far "clock jumps ten years back";
        /// .. and ahead.
        clock_far_ahead "clock jumps ten years ahead";
        /// Clocks that go too fast or too slow.
        drifting "clocks that drift";
        /// Forged or damaged ops that were sent.
        forged "forged";
        /// Batches that a relay left out.
        withheld "withheld";
        /// Two ops in one place of a log, by who holds its key.
        equivocated "equivocated";
        /// Ops with a time before those they follow, by who holds the key.
        back_dated "back-dated";
        /// Ops that cite less than those they follow, by who holds the key.
        forgetful "forgetful";
        /// Messages that were moved, by who holds the key, to where no program of ours would move them as often as not.
        moved_by_hand "moved by hand";
        /// Frames of a flood.
        flooded "flooded";
        /// Pages that were asked for by who holds what they look at ..
        fetched "pages fetched";
        /// .. and by who holds everything, and missed much.
        filled "pages filled";
        /// Times it had no room for what it held.
        let_go "let go";
        /// Links that were ended because of what came over them.
        liars_closed "liars closed";
    }
}
