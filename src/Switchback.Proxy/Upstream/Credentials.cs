using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>The mechanism, and the credentials in use now; a proven change of the JAAS file swaps them.</summary>
internal sealed class Credentials(SaslSettings settings)
{
    private volatile SaslCredentials _current = settings.Credentials;

    public string Mechanism => settings.Mechanism;

    public string? JaasFile => settings.JaasFile;

    public SaslCredentials Current
    {
        get => _current;
        set => _current = value;
    }
}
