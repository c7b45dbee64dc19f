using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>Certificates and keys from PEM files. Failures are <see cref="InvalidDataException"/>s that name the file, never its content.</summary>
internal static class PemFiles
{
    public static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        Reading(file, () => authorities.ImportFromPemFile(file));
        return authorities.Count > 0 ? authorities : throw new InvalidDataException($"{file}: holds no PEM certificate");
    }

    public static SslStreamCertificateContext ReadCertificate(CertificateFiles files)
    {
        SslStreamCertificateContext? context = null;
        Reading($"{files.Certificate} with {files.Key}", () =>
        {
            var certificate = files.Password is null
                ? X509Certificate2.CreateFromPemFile(files.Certificate, files.Key)
                : X509Certificate2.CreateFromEncryptedPemFile(files.Certificate, files.Password, files.Key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.Certificate);
            context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        });
        return context!;
    }

    private static void Reading(string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{file}: {wrong.Message}", wrong);
        }
    }
}
