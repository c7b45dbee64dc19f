namespace ChuckProducer;

/// <summary>What <c>POST /chuck-says</c> answers with.</summary>
internal static class ChuckFacts
{
    private static readonly string[] Facts =
    [
        "Chuck Norris does not fail over. The other data center fails towards him.",
        "Chuck Norris's recovery point objective is the next record, not the last one.",
        "Chuck Norris reads a topic from the end to the beginning, and the order holds.",
        "When Chuck Norris commits an offset, the log moves to it.",
        "Chuck Norris needs one replica. It is in sync with him.",
        "A session never times out on Chuck Norris. He times out the broker.",
        "Chuck Norris produces with acks=0, and every broker acknowledges anyway.",
        "Chuck Norris does not rebalance. Partitions walk over to him.",
        "Chuck Norris once killed a cluster with signal 0.",
        "The coordinator asks Chuck Norris where it is.",
        "Chuck Norris's retention is forever; the disk makes room.",
        "Idempotence was named after what happens when Chuck Norris says something twice.",
        "Chuck Norris mirrors a topic by looking at it.",
        "There is no lag behind Chuck Norris, only distance.",
        "Chuck Norris rolls out a Deployment by standing up.",
        "A poison record asked Chuck Norris to be skipped. He read it.",
        "Chuck Norris's configuration has one key, and it is right.",
        "The leader election ended when Chuck Norris came in.",
        "Chuck Norris compresses records with his hands.",
        "When Chuck Norris restores a backup, the disaster is undone.",
        "Chuck Norris holds the record. The partition merely stores it.",
        "Chuck Norris answers a readiness probe before it is sent.",
        "A fenced producer is one that Chuck Norris has put behind a fence.",
        "Chuck Norris has no dead letters. They get up again.",
    ];

    public static string Any() => Facts[Random.Shared.Next(Facts.Length)];
}
