using System.Net.Security;

namespace Switchback.Proxy.Settings;

/// <summary>A certificate and its private key in PEM files.</summary>
internal sealed record CertificateFiles(string Certificate, string Key, string? Password)
{
    public override string ToString() => Certificate;
}

/// <summary>TLS towards clients.</summary>
internal sealed record ListenerTlsSettings(
    CertificateFiles Certificate, string? AuthoritiesFile, IReadOnlyList<TlsCipherSuite> CipherSuites, IReadOnlyList<ClientSubjectRule> ClientSubjects, TimeSpan Refresh)
{
    private const string SubjectFlag = "proxy-listener-tls-required-client-subject";

    public static ListenerTlsSettings? Read(FlagValues values)
    {
        var certificate = values.File("proxy-listener-cert-file");
        var key = values.File("proxy-listener-key-file");
        var authorities = values.File("proxy-listener-ca-chain-cert-file");
        var refresh = values.Duration("proxy-listener-tls-refresh");
        var suites = new List<TlsCipherSuite>();
        foreach (var name in values.List("proxy-listener-cipher-suites"))
        {
            if (Enum.TryParse<TlsCipherSuite>(name, out var suite) && Enum.IsDefined(suite) && !char.IsDigit(name[0]))
            {
                suites.Add(suite);
            }
            else
            {
                values.Errors.Add($"--proxy-listener-cipher-suites: '{name}' is not a cipher suite such as TLS_AES_256_GCM_SHA384");
            }
        }

        var subjects = values.Repeated(SubjectFlag).Select(text => ClientSubjectRule.Parse(SubjectFlag, text, values.Errors)).OfType<ClientSubjectRule>().ToList();
        if (values.IsGiven(SubjectFlag) && authorities is null)
        {
            values.Errors.Add($"--{SubjectFlag}: needs --proxy-listener-ca-chain-cert-file, so that clients show a certificate");
        }

        if (!values.Bool("proxy-listener-tls-enable"))
        {
            return null;
        }

        if (certificate is null || key is null)
        {
            values.Errors.Add("--proxy-listener-tls-enable: needs --proxy-listener-cert-file and --proxy-listener-key-file");
            return null;
        }

        var password = values.Secret("proxy-listener-key-password", "PROXY_LISTENER_KEY_PASSWORD");
        return new ListenerTlsSettings(new CertificateFiles(certificate, key, password.Length > 0 ? password : null), authorities, suites, subjects, refresh);
    }
}

/// <summary>TLS towards brokers.</summary>
internal sealed record BrokerTlsSettings(
    bool Verify, string? AuthoritiesFile, bool SystemAuthoritiesToo, CertificateFiles? Certificate, bool SameClientCertificate, TimeSpan Refresh)
{
    public static BrokerTlsSettings? Read(FlagValues values)
    {
        var certificate = values.File("tls-client-cert-file");
        var key = values.File("tls-client-key-file");
        var authorities = values.File("tls-ca-chain-cert-file");
        var refresh = values.Duration("tls-refresh");
        var verify = !values.Bool("tls-insecure-skip-verify");
        var system = values.Bool("tls-system-cert-pool");
        var same = values.Bool("tls-same-client-cert-enable");
        if ((certificate is null) != (key is null))
        {
            values.Errors.Add("--tls-client-cert-file and --tls-client-key-file: only one of the two is given");
        }

        if (same && certificate is null)
        {
            values.Errors.Add("--tls-same-client-cert-enable: needs --tls-client-cert-file");
        }

        if (!values.Bool("tls-enable"))
        {
            return null;
        }

        var password = values.Secret("tls-client-key-password", "TLS_CLIENT_KEY_PASSWORD");
        var files = certificate is null || key is null ? null : new CertificateFiles(certificate, key, password.Length > 0 ? password : null);
        return new BrokerTlsSettings(verify, authorities, system, files, same, refresh);
    }
}
