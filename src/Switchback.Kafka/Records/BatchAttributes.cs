namespace Switchback.Kafka.Records;

/// <summary>The attribute bits of a record batch, magic 2.</summary>
[Flags]
public enum BatchAttributes : short
{
    /// <summary>Uncompressed, create time, neither transactional nor control.</summary>
    None = 0,

    /// <summary>The bits that hold the <see cref="CompressionCodec"/>.</summary>
    CodecMask = 0x07,

    /// <summary>The broker's append time holds for all records (the batch's max timestamp), not each record's create time.</summary>
    LogAppendTime = 0x08,

    /// <summary>Part of a transaction.</summary>
    Transactional = 0x10,

    /// <summary>Holds a control record such as a transaction's end, nothing an application wrote.</summary>
    Control = 0x20,

    /// <summary>The base timestamp is the time from which the cleaner may drop the batch (KIP-534).</summary>
    DeleteHorizon = 0x40,
}
