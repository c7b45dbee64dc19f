using System.Globalization;
using System.Text;

namespace Switchback.Reloader.Serving;

/// <summary>A counter or gauge with labels, written in the Prometheus text format.</summary>
internal sealed class Counter(string name, string help, string type, params string[] labels)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, double> values = new(StringComparer.Ordinal);

    public void Add(double amount, params ReadOnlySpan<string> labelValues)
    {
        var key = Labels.Format(labels, labelValues);
        lock (gate)
        {
            values[key] = values.GetValueOrDefault(key) + amount;
        }
    }

    public void Increment(params ReadOnlySpan<string> labelValues) => Add(1, labelValues);

    public void Write(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        lock (gate)
        {
            foreach (var (key, value) in values)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{Labels.Braced(key)} {value}\n");
            }
        }
    }
}

/// <summary>A histogram with labels, in seconds, written in the Prometheus text format.</summary>
internal sealed class Histogram(string name, string help, double[] buckets, params string[] labels)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Series> series = new(StringComparer.Ordinal);

    public void Observe(TimeSpan value, params ReadOnlySpan<string> labelValues)
    {
        var key = Labels.Format(labels, labelValues);
        lock (gate)
        {
            if (!series.TryGetValue(key, out var found))
            {
                series[key] = found = new Series(new long[buckets.Length]);
            }

            found.Sum += value.TotalSeconds;
            found.Count++;
            for (var i = 0; i < buckets.Length; i++)
            {
                found.Counts[i] += value.TotalSeconds <= buckets[i] ? 1 : 0;
            }
        }
    }

    public void Write(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} histogram\n");
        lock (gate)
        {
            foreach (var (key, found) in series)
            {
                var before = key.Length == 0 ? "" : key + ",";
                for (var i = 0; i < buckets.Length; i++)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{buckets[i]}\"}} {found.Counts[i]}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"+Inf\"}} {found.Count}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Labels.Braced(key)} {found.Sum}\n{name}_count{Labels.Braced(key)} {found.Count}\n");
            }
        }
    }

    private sealed class Series(long[] counts)
    {
        public long[] Counts { get; } = counts;

        public double Sum { get; set; }

        public long Count { get; set; }
    }
}

internal static class Labels
{
    public static string Format(string[] names, ReadOnlySpan<string> values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < names.Length; i++)
        {
            var value = values[i].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            text.Append(i > 0 ? "," : "").Append(names[i]).Append("=\"").Append(value.Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        return text.ToString();
    }

    public static string Braced(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";
}
