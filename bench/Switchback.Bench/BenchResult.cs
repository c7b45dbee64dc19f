using System.Text.Json.Serialization;

namespace Switchback.Bench;

/// <summary>One figure of a bench: the median of its rounds, against a rival or a goal of the same run.</summary>
public sealed record BenchResult
{
    /// <summary>What was measured, such as <c>produce-tls</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The median of all rounds.</summary>
    public required double Value { get; init; }

    /// <summary>The smallest and the largest round.</summary>
    public required IReadOnlyList<double> Spread { get; init; }

    /// <summary>The unit of the value: <c>s</c>, <c>MB</c>, <c>MB/s</c>, <c>ms</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>What it is compared with: <c>direct</c>, a rival's name, or <c>goal</c> where only a bar is set.</summary>
    public required string Against { get; init; }

    /// <summary>The rival's median in the same run; null where there is none, or the machine has none.</summary>
    public double? Rival { get; init; }

    /// <summary>Written so that more is better; null where there is no rival.</summary>
    public double? Ratio { get; init; }

    /// <summary>The bar: a ratio where there is a rival, else a value in the unit.</summary>
    public required double Goal { get; init; }

    /// <summary>Whether the bar is met.</summary>
    public required bool Holds { get; init; }

    /// <summary>Whether the goal is the least the value may be, rather than the most; only where there is no rival.</summary>
    [JsonIgnore]
    public bool GoalIsLeast { get; init; }

    /// <summary>What a reader has to know beside the figure, such as that the rival is not on this machine.</summary>
    public string? Note { get; init; }

    /// <summary>A figure that must not exceed a bar and has no rival.</summary>
    public static BenchResult AtMost(string name, IReadOnlyList<double> rounds, string unit, double goal) => new()
    {
        Name = name,
        Value = Median(rounds),
        Spread = [Math.Round(rounds.Min(), 3), Math.Round(rounds.Max(), 3)],
        Unit = unit,
        Against = "goal",
        Goal = goal,
        Holds = Median(rounds) <= goal,
    };

    /// <summary>A figure that is to reach a share of a rival's in the same run; without rounds of the rival the result says that it is not here.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="rounds">Ours, where more is better.</param>
    /// <param name="against">The rival's name.</param>
    /// <param name="rival">The rival's rounds; empty where it is not on this machine.</param>
    /// <param name="unit">The unit of both.</param>
    /// <param name="goal">The least ratio.</param>
    public static BenchResult AtLeast(string name, IReadOnlyList<double> rounds, string against, IReadOnlyList<double> rival, string unit, double goal)
    {
        double? theirs = rival.Count == 0 ? null : Median(rival);
        double? ratio = theirs is > 0 ? Math.Round(Median(rounds) / theirs.Value, 3) : null;
        return new BenchResult
        {
            Name = name,
            Value = Median(rounds),
            Spread = [Math.Round(rounds.Min(), 3), Math.Round(rounds.Max(), 3)],
            Unit = unit,
            Against = against,
            Rival = theirs,
            Ratio = ratio,
            Goal = goal,
            Holds = ratio is null || ratio >= goal,
            Note = ratio is null ? $"{against} is not on this machine" : null,
        };
    }

    /// <summary>A figure that must reach a bar and has no rival.</summary>
    public static BenchResult AtLeast(string name, IReadOnlyList<double> rounds, string unit, double goal) =>
        AtMost(name, rounds, unit, goal) with { GoalIsLeast = true, Holds = Median(rounds) >= goal };

    /// <summary>A cost that is to stay below a share of a rival's in the same run.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="rounds">Ours, where less is better.</param>
    /// <param name="against">The rival's name.</param>
    /// <param name="rival">The rival's rounds, at least one.</param>
    /// <param name="unit">The unit of both.</param>
    /// <param name="goal">The least ratio, the rival's over ours: 2 means at most half.</param>
    public static BenchResult AtMost(string name, IReadOnlyList<double> rounds, string against, IReadOnlyList<double> rival, string unit, double goal)
    {
        var ratio = Math.Round(Median(rival) / Median(rounds), 3);
        return AtMost(name, rounds, unit, goal) with { Against = against, Rival = Median(rival), Ratio = ratio, Holds = ratio >= goal };
    }

    /// <summary>The same, where a little less than the goal cannot be told from it.</summary>
    /// <param name="share">The share of the goal that is within the noise of the measurement.</param>
    public BenchResult WithinNoise(double share) => Ratio < Goal && Ratio >= Goal * share ? this with { Holds = true, Note = "below the goal, within the noise" } : this;

    private static double Median(IReadOnlyList<double> rounds)
    {
        var sorted = rounds.Order().ToList();
        var middle = sorted.Count / 2;
        return Math.Round(sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, 3);
    }
}
