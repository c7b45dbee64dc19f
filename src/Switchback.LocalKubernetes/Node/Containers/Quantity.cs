using System.Globalization;

namespace Switchback.LocalKubernetes.Node.Containers;

/// <summary>Kubernetes' quantities: <c>250m</c>, <c>64Mi</c>, <c>1.5</c>, <c>1e3</c>.</summary>
internal static class Quantity
{
    private static readonly Dictionary<string, decimal> Suffixes = new()
    {
        ["n"] = 0.000000001m,
        ["u"] = 0.000001m,
        ["m"] = 0.001m,
        [""] = 1,
        ["k"] = 1000m,
        ["M"] = 1000_000m,
        ["G"] = 1000_000_000m,
        ["T"] = 1000_000_000_000m,
        ["Ki"] = 1024m,
        ["Mi"] = 1024m * 1024,
        ["Gi"] = 1024m * 1024 * 1024,
        ["Ti"] = 1024m * 1024 * 1024 * 1024,
    };

    public static bool TryParse(string text, out decimal value)
    {
        var number = text.TrimEnd([.. "numkMGTi"]);
        value = 0;
        if (!Suffixes.TryGetValue(text[number.Length..], out var factor)
            || !decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain)
            || Math.Abs(plain) > decimal.MaxValue / (1024m * 1024 * 1024 * 1024))
        {
            return false;
        }

        value = plain * factor;
        return true;
    }
}
