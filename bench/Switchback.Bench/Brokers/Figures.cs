using System.Globalization;

namespace Switchback.Bench.Brokers;

/// <summary>The rounds of one figure, ours and Apache Kafka's.</summary>
/// <param name="progress">Told each value.</param>
internal sealed class Figures(Action<string> progress)
{
    private const string Rival = "apache";
    private readonly List<(string Name, string Unit, double Goal, Bar Bar)> _order = [];
    private readonly Dictionary<string, (List<double> Ours, List<double> Rival)> _rounds = [];

    /// <summary>Notes one round's value.</summary>
    public void Add(string name, string unit, double goal, Bar bar, bool isOurs, double value)
    {
        if (!_rounds.TryGetValue(name, out var rounds))
        {
            _rounds[name] = rounds = ([], []);
            _order.Add((name, unit, goal, bar));
        }

        progress(string.Create(CultureInfo.InvariantCulture, $"  {name}: {value:0.###} {unit}"));
        (isOurs ? rounds.Ours : rounds.Rival).Add(value);
    }

    /// <summary>Every figure, in the order in which each was first noted.</summary>
    public IReadOnlyList<BenchResult> Results =>
    [
        .. _order.Select(figure => figure.Bar switch
        {
            Bar.Throughput => BenchResult.AtLeast(figure.Name, _rounds[figure.Name].Ours, Rival, _rounds[figure.Name].Rival, figure.Unit, figure.Goal).WithinNoise(0.95),
            Bar.Cost => BenchResult.AtMost(figure.Name, _rounds[figure.Name].Ours, Rival, _rounds[figure.Name].Rival, figure.Unit, figure.Goal),
            _ => BenchResult.AtMost(figure.Name, _rounds[figure.Name].Ours, figure.Unit, figure.Goal),
        }),
    ];
}

/// <summary>What a figure is held to.</summary>
internal enum Bar
{
    /// <summary>A speed, at least so many times the rival's; a twentieth less is within the noise.</summary>
    Throughput,

    /// <summary>What something costs: the rival's is to be at least so many times ours.</summary>
    Cost,

    /// <summary>A value of its own, without a rival.</summary>
    Value,
}
