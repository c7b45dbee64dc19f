using Confluent.Kafka;

namespace ChuckClient;

/// <summary>One line an event on stderr, in a form that a person reads in <c>kubectl logs</c>.</summary>
/// <param name="application">The name at the beginning of each line.</param>
public sealed class ClientLog(string application)
{
    /// <summary>Writes a line.</summary>
    public void Say(string text) => Console.Error.WriteLine($"{application}: {text}");

    /// <summary>Writes what librdkafka logs. A connection's failure (<c>FAIL</c>) is left to the error that is reported for it as well.</summary>
    public void Say(LogMessage message)
    {
        if (message.Facility != "FAIL")
        {
            Say($"{message.Level.ToString().ToLowerInvariant()}: {message.Facility}: {message.Message}");
        }
    }

    /// <summary>Writes what librdkafka reports as an error.</summary>
    public void Say(Error error) => Say($"{(error.IsFatal ? "fatal" : "error")}: {error.Code}: {error.Reason}");
}
