using System.Text;
using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Marking;

/// <summary>The variable by which the default strategy rolls a pod template: <c>STAKATER_NAME_CONFIGMAP</c>, as users' manifests have it.</summary>
internal static class EnvironmentVariable
{
    public static string NameOf(ResourceRef resource)
    {
        var name = new StringBuilder("STAKATER_");
        var start = name.Length;
        foreach (var character in resource.Name)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                name.Append(char.ToUpperInvariant(character));
            }
            else if (name.Length > start && name[^1] != '_')
            {
                // A run of anything else becomes one underscore; none at the beginning.
                name.Append('_');
            }
        }

        return name.Append('_').Append(resource.Kind.Marker).ToString();
    }
}
