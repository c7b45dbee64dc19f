using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

/// <summary>
/// The state on disk: a line of JSON for each change, handed to the kernel before the change is answered, so that it survives a <c>kill -9</c> of the platform.
/// When most lines are superseded the file is written anew beside the old one and renamed over it. The file is locked: one platform a directory.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const long CompactFrom = 8 << 20;
    private static readonly byte[] NewLine = "\n"u8.ToArray();
    private readonly string path;
    private FileStream file;
    private long liveBytes;

    private Journal(string path, FileStream file)
    {
        this.path = path;
        this.file = file;
    }

    /// <summary>Whether the file is mostly history by now.</summary>
    public bool WantsCompaction => file.Length > CompactFrom + (4 * liveBytes);

    /// <summary>Opens the journal and replays it.</summary>
    /// <param name="path">The file; made when missing.</param>
    /// <param name="replay">Called for each change in order: version, qualified type name, namespace, name, and the object, or null for a deletion.</param>
    /// <exception cref="IOException">Another platform has the file open, or it cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">A line in the middle of the file cannot be read.</exception>
    public static Journal Open(string path, Action<long, string, string, string, JsonObject?> replay)
    {
        var file = OpenFile(path);
        try
        {
            Replay(path, file, replay);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return new Journal(path, file);
    }

    public void Put(long version, ResourceType type, StoredObject item)
    {
        Append(Line(version, type, item.Namespace, item.Name, item.Json));
        liveBytes += item.Json.Length;
    }

    public void Delete(long version, ResourceType type, StoredObject item)
    {
        Append(Line(version, type, item.Namespace, item.Name, null));
        liveBytes -= item.Json.Length;
    }

    /// <summary>An object's bytes no longer count as live: a newer version of it was put.</summary>
    public void Superseded(StoredObject item) => liveBytes -= item.Json.Length;

    /// <summary>Writes the file anew with only the present objects.</summary>
    public void Compact(long version, IEnumerable<(ResourceType Type, StoredObject Item)> objects)
    {
        var fresh = path + ".new";
        var replacement = OpenFile(fresh);
        try
        {
            replacement.SetLength(0);
            replacement.Write(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["version"] = version }));
            replacement.Write(NewLine);
            liveBytes = 0;
            foreach (var (type, item) in objects)
            {
                replacement.Write(Line(item.Value.ResourceVersion(), type, item.Namespace, item.Name, item.Json));
                liveBytes += item.Json.Length;
            }

            replacement.Flush(flushToDisk: true);
            File.Move(fresh, path, overwrite: true);
        }
        catch
        {
            replacement.Dispose();
            throw;
        }

        file.Dispose();
        file = replacement;
    }

    public void Dispose() => file.Dispose();

    private static FileStream OpenFile(string path) =>
        new(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });

    private static void Replay(string path, FileStream file, Action<long, string, string, string, JsonObject?> replay)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var at = 0;
        for (var number = 1; at < bytes.Length; number++)
        {
            var length = bytes.AsSpan(at).IndexOf((byte)'\n');
            if (length < 0)
            {
                // The platform was killed in the middle of this line: the change was never answered.
                file.SetLength(at);
                break;
            }

            try
            {
                var line = (JsonObject)JsonNode.Parse(bytes.AsSpan(at, length))!;
                replay(line.Number("version") ?? 0, line.Text("type") ?? "", line.Text("namespace") ?? "", line.Text("name") ?? "", Detach(line));
            }
            catch (Exception unreadable) when (unreadable is JsonException or InvalidCastException or ArgumentException)
            {
                throw new InvalidDataException($"{path}: line {number} is not a change: {unreadable.Message}", unreadable);
            }

            at += length + 1;
        }

        file.Position = file.Length;
    }

    private static JsonObject? Detach(JsonObject line)
    {
        var item = line.Object("object");
        line.Remove("object");
        return item;
    }

    private static byte[] Line(long version, ResourceType type, string ns, string name, byte[]? item)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", version);
            writer.WriteString("type", type.QualifiedName);
            writer.WriteString("namespace", ns);
            writer.WriteString("name", name);
            if (item is not null)
            {
                writer.WritePropertyName("object");
                writer.WriteRawValue(item, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        buffer.Write(NewLine);
        return buffer.ToArray();
    }

    private void Append(byte[] line)
    {
        var before = file.Position;
        try
        {
            file.Write(line);
        }
        catch (IOException failed)
        {
            // Half a line must not stay in front of the next one.
            file.SetLength(before);
            file.Position = before;
            throw StatusException.Internal($"the state cannot be written to {path}: {failed.Message}");
        }
    }
}
