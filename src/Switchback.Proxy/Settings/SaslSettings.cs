namespace Switchback.Proxy.Settings;

/// <summary>How the proxy authenticates to brokers.</summary>
/// <param name="Mechanism">PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.</param>
/// <param name="Credentials">As they were at the start.</param>
/// <param name="JaasFile">Where they came from, when it may change; null when they were given as flags.</param>
internal sealed record SaslSettings(string Mechanism, SaslCredentials Credentials, string? JaasFile)
{
    public static SaslSettings? Read(FlagValues values)
    {
        if (!values.Bool("sasl-enable"))
        {
            return null;
        }

        var mechanism = values.Text("sasl-method").ToUpperInvariant();
        if (mechanism is "GSSAPI" or "AWS_MSK_IAM" or "OAUTHBEARER")
        {
            values.Errors.Add($"--sasl-method: {mechanism} is not there in this proxy; PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 are");
        }
        else if (mechanism is not ("PLAIN" or "SCRAM-SHA-256" or "SCRAM-SHA-512"))
        {
            values.Errors.Add($"--sasl-method: '{mechanism}' is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512");
        }

        var file = values.Text("sasl-jaas-config-file");
        if (file.Length > 0)
        {
            try
            {
                return new SaslSettings(mechanism, Jaas.ReadFile(file), file);
            }
            catch (InvalidDataException wrong)
            {
                values.Errors.Add($"--sasl-jaas-config-file: {wrong.Message}");
                return null;
            }
        }

        var username = values.Text("sasl-username");
        var password = values.Secret("sasl-password", "SASL_PASSWORD");
        if (username.Length == 0 || password.Length == 0)
        {
            values.Errors.Add("--sasl-enable: needs --sasl-jaas-config-file, or --sasl-username and --sasl-password");
            return null;
        }

        return new SaslSettings(mechanism, new SaslCredentials(username, password), null);
    }
}
