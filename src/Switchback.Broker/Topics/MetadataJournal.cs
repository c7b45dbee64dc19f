using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Switchback.Broker.Topics;

/// <summary>
/// What the cluster knows apart from records: a file of JSON lines, each forced to disk before the change counts. A line torn by a crash is cut off.
/// </summary>
internal sealed class MetadataJournal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private SafeFileHandle _file;
    private long _length;

    public MetadataJournal(string path)
    {
        _path = path;
        _file = Open();
    }

    /// <summary>Reads the journal from its beginning.</summary>
    /// <exception cref="Configuration.ConfigurationException">It is damaged before its end: cutting it there would lose topics silently.</exception>
    public List<MetadataRecord> ReadAll()
    {
        var records = new List<MetadataRecord>();
        var bytes = File.ReadAllBytes(_path).AsSpan();
        _length = 0;
        while (bytes.IndexOf((byte)'\n') is var end and >= 0)
        {
            try
            {
                records.Add(JsonSerializer.Deserialize(bytes[..end], MetadataJson.Default.MetadataRecord)!);
            }
            catch (JsonException failure) when (end + 1 < bytes.Length)
            {
                throw new Configuration.ConfigurationException($"{_path}:{records.Count + 1}: is damaged: {failure.Message}", failure);
            }
            catch (JsonException)
            {
                break;
            }

            _length += end + 1;
            bytes = bytes[(end + 1)..];
        }

        RandomAccess.SetLength(_file, _length);
        return records;
    }

    public void Append(MetadataRecord record)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(record, MetadataJson.Default.MetadataRecord), (byte)'\n'];
        lock (_gate)
        {
            RandomAccess.Write(_file, line, _length);
            RandomAccess.FlushToDisk(_file);
            _length += line.Length;
        }
    }

    /// <summary>Replaces the journal by one that says the same in fewer lines.</summary>
    public void Replace(IEnumerable<MetadataRecord> records)
    {
        using var content = new MemoryStream();
        foreach (var record in records)
        {
            JsonSerializer.Serialize(content, record, MetadataJson.Default.MetadataRecord);
            content.WriteByte((byte)'\n');
        }

        lock (_gate)
        {
            _file.Dispose();
            Storage.LogFiles.ReplaceAtomically(_path, content.GetBuffer().AsSpan(0, (int)content.Length));
            _file = Open();
            _length = content.Length;
        }
    }

    public void Dispose() => _file.Dispose();

    private SafeFileHandle Open() => File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
}
