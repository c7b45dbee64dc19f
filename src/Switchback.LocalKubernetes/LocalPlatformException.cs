namespace Switchback.LocalKubernetes;

/// <summary>The platform cannot run: the message says what is missing or wrong, in one line.</summary>
public sealed class LocalPlatformException : Exception
{
    /// <summary>Made with what is wrong.</summary>
    public LocalPlatformException(string message)
        : base(message)
    {
    }

    /// <summary>Made with what is wrong and what it came from.</summary>
    public LocalPlatformException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
