namespace Switchback.Testing;

/// <summary>The runs that take longer than <c>./test</c> has.</summary>
public static class Campaigns
{
    /// <summary>Whether they are asked for: <c>./test --long</c>, which sets <c>SWITCHBACK_LONG=1</c>.</summary>
    public static bool AreAskedFor => Environment.GetEnvironmentVariable("SWITCHBACK_LONG") == "1";
}
