using Switchback.Mirror.Positions;

namespace Switchback.Mirror.Tests.Positions;

public class OffsetMapTests
{
    [Fact]
    public void Nothing_is_translated_before_the_first_breakpoint()
    {
        var map = new OffsetMap();
        Assert.Null(map.ToTarget(5));
        Assert.Null(map.ToSource(5));
        Assert.Null(map.Extrapolate(5));
    }

    [Fact]
    public void Every_offset_goes_to_the_first_record_at_or_beyond_it()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            // The plain way: every record's place, gaps on both sides.
            var random = new Random(seed);
            var places = new List<(long Target, long Source)>();
            var map = new OffsetMap();
            var (target, source) = (random.NextInt64(1000), random.NextInt64(1000));
            for (var i = 0; i < 60; i++, target++, source++)
            {
                if (random.Next(4) == 0)
                    source += random.Next(1, 5);
                if (random.Next(9) == 0)
                    target += random.Next(1, 3);
                if (map.Extrapolate(target) != source)
                    map.Add(new Breakpoint(target, source));
                places.Add((target, source));
            }

            Assert.All(places, place => Assert.Equal(place.Source, map.Extrapolate(place.Target)));
            for (var offset = places[0].Source - 3; offset <= places[^1].Source; offset++)
                AssertSameRecord(places.First(p => p.Source >= offset).Target, map.ToTarget(offset)!.Value, places.Select(p => p.Target));
            for (var offset = places[0].Target - 3; offset <= places[^1].Target; offset++)
                AssertSameRecord(places.First(p => p.Target >= offset).Source, map.ToSource(offset)!.Value, places.Select(p => p.Source));
        }

        // An offset in a gap is as good as that of the record after it.
        static void AssertSameRecord(long expected, long actual, IEnumerable<long> records) => Assert.Equal(expected, records.First(r => r >= actual));
    }

    [Fact]
    public void After_a_cut_the_records_that_the_source_has_now_count()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var places = new List<(long Target, long Source)>();
            var map = new OffsetMap();
            var (target, source) = (0L, 0L);
            for (var i = 0; i < 80; i++, target++, source++)
            {
                if (random.Next(15) == 0)
                    source = random.NextInt64(source + 1);
                else if (random.Next(4) == 0)
                    source += random.Next(1, 5);
                if (map.Extrapolate(target) != source)
                    map.Add(new Breakpoint(target, source));
                places.RemoveAll(lost => lost.Source >= source);
                places.Add((target, source));
            }

            for (var offset = 0L; offset <= places[^1].Source; offset++)
                Assert.Equal(places.First(p => p.Source >= offset).Target, places.Select(p => p.Target).First(t => t >= map.ToTarget(offset)));
            for (var offset = 0L; offset <= places[^1].Target; offset++)
                Assert.Equal(places.First(p => p.Target >= offset).Source, places.Select(p => p.Source).First(s => s >= map.ToSource(offset)));
        }
    }

    [Fact]
    public void A_breakpoint_takes_the_place_of_another_at_its_target_offset()
    {
        var map = new OffsetMap();
        map.Add(new Breakpoint(0, 0));
        map.Add(new Breakpoint(10, 20));
        map.Add(new Breakpoint(10, 30));
        Assert.Equal(30, map.Extrapolate(10));
        Assert.Equal(10, map.ToTarget(20));
        Assert.Equal(2, map.Count);
        Assert.Throws<ArgumentException>(() => map.Add(new Breakpoint(0, 5)));
    }
}
