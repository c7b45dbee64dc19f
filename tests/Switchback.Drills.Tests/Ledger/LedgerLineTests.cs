using Switchback.Drills.Ledger;

namespace Switchback.Drills.Tests.Ledger;

public sealed class LedgerLineTests
{
    private readonly DrillClock _clock = DrillClock.Start();

    [Fact]
    public void Every_event_is_read_with_its_place_and_the_drills_time()
    {
        var unixMs = (_clock.Started - DateTimeOffset.UnixEpoch).TotalMilliseconds + 1234.5;
        var at = unixMs.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);

        var sent = Parse($$"""{"event":"sent","id":"a","at":{{at}},"topic":"t","key":"k"}""")!;
        var acknowledged = Parse($$"""{"event":"acknowledged","id":"a","at":{{at}},"topic":"t","partition":2,"offset":7}""")!;
        var failed = Parse($$"""{"event":"failed","id":"a","at":{{at}},"error":"gone"}""")!;
        var delivered = Parse($$"""{"event":"delivered","id":"a","at":{{at}},"topic":"t","partition":2,"offset":7,"more":"kept out"}""")!;

        Assert.Equal((ObservationKind.Rebalanced, "assigned"), Kind($$"""{"event":"rebalanced","id":"assigned","at":{{at}}}"""));
        Assert.Equal((ObservationKind.Committing, "x"), Kind($$"""{"event":"committing","id":"x","at":{{at}}}"""));
        Assert.Equal((ObservationKind.Committed, "x"), Kind($$"""{"event":"committed","id":"x","at":{{at}}}"""));
        Assert.Equal((ObservationKind.Aborted, "x"), Kind($$"""{"event":"aborted","id":"x","at":{{at}}}"""));
        var committed = Parse($$"""{"event":"offsetCommitted","id":"g","at":{{at}},"topic":"t","partition":2,"offset":8}""")!;
        Assert.Equal((ObservationKind.OffsetCommitted, "g", "t", 2, 8L), (committed.Kind, committed.Id, committed.Topic, committed.Partition, committed.Offset));
        Assert.Equal("x", Parse($$"""{"event":"sent","id":"a","at":{{at}},"topic":"t","key":"k","transaction":"x"}""")!.Transaction);
        Assert.Equal((ObservationKind.Sent, "client", "pod", "a", "t", "k"), (sent.Kind, sent.Client, sent.Pod, sent.Id, sent.Topic, sent.Key));
        Assert.Equal(1234.5, sent.AtMs, 0.11);
        Assert.Equal((ObservationKind.Acknowledged, 2, 7L), (acknowledged.Kind, acknowledged.Partition, acknowledged.Offset));
        Assert.Equal((ObservationKind.Failed, "gone"), (failed.Kind, failed.Error));
        Assert.Equal((ObservationKind.Delivered, 2, 7L), (delivered.Kind, delivered.Partition, delivered.Offset));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Consumer Record:(key, value, 0, 1), from Topic: t")]
    [InlineData(" {\"event\":\"sent\"}")]
    [InlineData("{\"id\":\"a\",\"event\":\"sent\"}")]
    public void Ordinary_output_is_passed_over(string line) => Assert.Null(Parse(line));

    [Theory]
    [InlineData("{\"event\":\"sent\",\"id\":\"a\",\"at\":12", "not a whole JSON object")]
    [InlineData("{\"event\":\"sent\",\"at\":12}", "id is missing")]
    [InlineData("{\"event\":\"sent\",\"id\":\"a\"}", "without the time")]
    [InlineData("{\"event\":\"lost\",\"id\":\"a\",\"at\":1}", "none of sent")]
    [InlineData("{\"event\":\"delivered\",\"id\":\"a\",\"at\":1,\"offset\":\"7\"}", "'offset' is not a whole number")]
    [InlineData("{\"event\":\"delivered\",\"id\":\"a\",\"at\":1,\"partition\":3000000000}", "'partition' is not a whole number")]
    [InlineData("{\"event\":\"delivered\",\"id\":\"a\",\"at\":1,\"topic\":7}", "'topic' is not a text")]
    public void A_damaged_event_is_kept_with_what_is_wrong(string line, string wrong)
    {
        var observation = Parse(line);

        Assert.Equal(ObservationKind.Unreadable, observation?.Kind);
        Assert.Contains(wrong, observation!.Error);
    }

    [Fact]
    public void A_line_without_end_is_not_parsed() =>
        Assert.Equal(ObservationKind.Unreadable, Parse("{\"event\":\"sent\",\"id\":\"" + new string('a', LedgerLine.MaxLength))?.Kind);

    private (ObservationKind Kind, string Id) Kind(string line) => Parse(line) is { } seen ? (seen.Kind, seen.Id) : default;

    private Observation? Parse(string line) => LedgerLine.Parse(line, "client", "pod", _clock);
}
