using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Tests.Settings;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("15s", 15_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("250ms", 250)]
    [InlineData("1h2m3s4ms", 3_723_004)]
    [InlineData(".5s", 500)]
    [InlineData("+2s", 2_000)]
    [InlineData("-2s", -2_000)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("1000000ns", 1)]
    public void WhatGoTakesIsTaken(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("15")]
    [InlineData("s")]
    [InlineData("1d")]
    [InlineData("1s 2s")]
    [InlineData("1..5s")]
    [InlineData("99999999999999999999h")]
    public void WhatGoRefusesIsRefused(string text) => Assert.False(GoDuration.TryParse(text, out _));
}
