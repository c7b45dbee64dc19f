using Switchback.Kafka;

namespace Switchback.Broker.Storage;

/// <summary>Makes a disk that is full or broken an error of the protocol: the client is told, and nothing is half done.</summary>
internal static class StorageGuard
{
    /// <summary>Does something that writes; <see cref="KafkaError.KafkaStorageError"/> when the disk does not take it.</summary>
    public static KafkaError Try(Action write)
    {
        try
        {
            write();
            return KafkaError.None;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return KafkaError.KafkaStorageError;
        }
    }
}
