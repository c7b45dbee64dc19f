using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>A drill's answer, made from its ledger alone: when the drill ends, and again whenever somebody doubts it.</summary>
public static class DrillReport
{
    /// <summary>Reads <c>DIR/ledger</c> and writes <c>DIR/verdict.json</c> and <c>DIR/report.html</c> anew.</summary>
    /// <param name="directory">The report directory of a drill that was played.</param>
    /// <returns>Whether every bar holds and nothing was left undecided, and the verdict in one sentence.</returns>
    /// <exception cref="InvalidDataException">The ledger is missing or damaged; the message names file and line.</exception>
    public static (bool Holds, string Sentence) Recompute(string directory)
    {
        var verdict = Write(directory);
        return (verdict.Holds, verdict.Sentence);
    }

    internal static Verdict Write(string directory)
    {
        var evidence = DrillEvidence.Read(directory);
        var verdict = VerdictBuilder.Build(evidence);
        VerdictBuilder.Write(verdict, directory);
        ReportPage.Write(evidence, verdict, directory);
        return verdict;
    }
}
