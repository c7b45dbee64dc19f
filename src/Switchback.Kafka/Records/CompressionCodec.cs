namespace Switchback.Kafka.Records;

/// <summary>How the records of a batch are compressed: the three lowest bits of its attributes.</summary>
public enum CompressionCodec
{
    /// <summary>Not compressed.</summary>
    None = 0,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip = 1,

    /// <summary>Snappy, in the chunked framing of the Java client or as one plain block.</summary>
    Snappy = 2,

    /// <summary>LZ4 frames.</summary>
    Lz4 = 3,

    /// <summary>Zstandard (RFC 8878, KIP-110).</summary>
    Zstd = 4,
}
