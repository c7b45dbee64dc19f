using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Verdicts;

public sealed class BarsTests
{
    [Theory]
    [InlineData("lost = 0", 0, true)]
    [InlineData("lost = 0", 1, false)]
    [InlineData("stranded <= 10", 10, true)]
    [InlineData("stranded <= 10", 11, false)]
    [InlineData("delivered >= 300", 299, false)]
    [InlineData("outage.failback < 10000", 9999.9, true)]
    [InlineData("outage > 1", 1, false)]
    [InlineData("every client made progress", 0, true)]
    [InlineData("every client made progress", 1, false)]
    [InlineData("outage <= 10000", double.PositiveInfinity, false)]
    public void A_bar_compares_a_metric_with_a_number(string text, double value, bool holds)
    {
        var (bar, error) = Bars.Parse(text);

        Assert.Null(error);
        Assert.Equal(holds, bar!.Holds(value));
    }

    [Theory]
    [InlineData(3, 3, true)]
    [InlineData(4, 3, false)]
    public void A_bar_compares_two_metrics(double value, double other, bool holds)
    {
        var (bar, error) = Bars.Parse("lost <= stranded");

        Assert.Null(error);
        Assert.Equal("stranded", bar!.Other);
        Assert.Equal(holds, bar.Holds(value, other));
    }

    [Theory]
    [InlineData("losses = 0", "'losses' is no metric; one of sent, acknowledged")]
    [InlineData("lost == 0", "'==' is no comparison; one of = <= >= < >")]
    [InlineData("lost = none", "'none' is no number")]
    [InlineData("lost = -1", "'-1' is no number")]
    [InlineData("lost", "'lost' is no bar; METRIC OP NUMBER")]
    [InlineData("", "'' is no bar")]
    public void A_wrong_bar_is_answered_with_what_would_be_right(string text, string message)
    {
        var (bar, error) = Bars.Parse(text);

        Assert.Null(bar);
        Assert.StartsWith(message, error);
    }
}
