using System.Text;
using Switchback.Broker.Configuration;

namespace Switchback.Broker;

/// <summary>The directory of a cluster: its identity, and a lock against a second process on the same data.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, string clusterId, FileStream heldLock)
    {
        (Path, ClusterId) = (path, clusterId);
        _lock = heldLock;
    }

    public string Path { get; }

    /// <summary>Made at the first start and kept: sixteen random bytes, as Kafka writes them.</summary>
    public string ClusterId { get; }

    /// <exception cref="ConfigurationException">The directory cannot be used.</exception>
    public static DataDirectory Open(string path)
    {
        FileStream? held = null;
        try
        {
            path = System.IO.Path.GetFullPath(path);
            Directory.CreateDirectory(path);
            held = new FileStream(System.IO.Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataDirectory(path, ReadOrMakeId(System.IO.Path.Combine(path, "meta.properties")), held);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new ConfigurationException($"--data {path}: cannot be used, or another process uses it: {failure.Message}", failure);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string ReadOrMakeId(string path)
    {
        if (File.Exists(path) && PropertiesFile.Parse(File.ReadAllText(path)).Find(p => p.Key == "cluster.id").Value is { Length: > 0 } known)
            return known;
        var id = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Storage.LogFiles.ReplaceAtomically(path, Encoding.ASCII.GetBytes($"version=1\ncluster.id={id}\n"));
        return id;
    }
}
