using System.Text;

namespace Switchback.LocalKubernetes.Authentication;

/// <summary>Writes the file that kubectl takes.</summary>
internal static class KubeConfigWriter
{
    public static void Write(string path, Uri server, Identity identity)
    {
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(identity.AuthorityPem));
        var text = $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: switchback
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {authority}
            users:
            - name: switchback-admin
              user:
                token: {identity.AdminToken}
            contexts:
            - name: switchback
              context:
                cluster: switchback
                user: switchback-admin
                namespace: default
            current-context: switchback

            """;
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(text);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
