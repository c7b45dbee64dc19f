using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Deciding;

/// <summary>
/// The fingerprint users know from stakater/Reloader: lower-case hex SHA-1 over the <c>key=value</c> entries sorted bytewise and joined with <c>;</c>.
/// A Secret's values are its decoded bytes; a ConfigMap's binaryData stays base64. It tells contents apart; it protects nothing.
/// </summary>
internal static class ContentHash
{
    /// <summary>The hash of nothing: an empty ConfigMap's.</summary>
    public const string Empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

    public static string Of(ResourceKind kind, JsonObject resource)
    {
        var entries = new List<byte[]>();
        foreach (var (key, value) in resource.Pairs("data"))
        {
            entries.Add(kind == ResourceKind.Secret ? [.. Encoding.UTF8.GetBytes(key + "="), .. Decode(value)] : Encoding.UTF8.GetBytes($"{key}={value}"));
        }

        if (kind == ResourceKind.ConfigMap)
        {
            foreach (var (key, value) in resource.Pairs("binaryData"))
            {
                entries.Add(Encoding.UTF8.GetBytes($"{key}={value}"));
            }
        }

        entries.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));
#pragma warning disable CA5350 // Byte-exact with what stands in users' manifests; no secrecy depends on it.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        for (var i = 0; i < entries.Count; i++)
        {
            if (i > 0)
            {
                hash.AppendData(";"u8);
            }

            hash.AppendData(entries[i]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        // What is no base64 cannot have come from an API server; its text still tells contents apart.
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : Encoding.UTF8.GetBytes(base64);
    }
}
