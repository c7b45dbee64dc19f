using Switchback.Kafka;

namespace Switchback.Broker.Storage;

/// <summary>What became of a batch: where it is, or why it was refused.</summary>
/// <param name="Error">None when it is in the log, also when it was there already.</param>
/// <param name="BaseOffset">The offset of its first record; -1 when refused.</param>
/// <param name="AppendTime">The broker's time in the records; -1 when they carry the client's.</param>
/// <param name="Message">What was wrong, for the client's log.</param>
internal readonly record struct AppendResult(KafkaError Error, long BaseOffset = -1, long AppendTime = -1, string? Message = null)
{
    public static AppendResult Refused(KafkaError error, string message) => new(error, Message: message);
}
