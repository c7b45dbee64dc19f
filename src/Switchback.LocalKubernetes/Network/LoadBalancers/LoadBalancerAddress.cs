using System.Globalization;
using System.Net;

namespace Switchback.LocalKubernetes.Network.LoadBalancers;

/// <summary>An address 127.77.n.m of a service's own, which no other platform on this machine has.</summary>
internal sealed class LoadBalancerAddress : IDisposable
{
    private readonly MachineClaim _claim;

    private LoadBalancerAddress(IPAddress address, MachineClaim claim)
    {
        Address = address;
        _claim = claim;
    }

    public IPAddress Address { get; }

    /// <summary>Claims one: the wished one where it is free, else the first that is.</summary>
    /// <exception cref="NetworkException">There is none.</exception>
    public static LoadBalancerAddress Claim(string? wished)
    {
        if (wished is not null && IPAddress.TryParse(wished, out var parsed) && IPAddress.IsLoopback(parsed) && Try(parsed) is { } same)
        {
            return same;
        }

        for (byte third = 0; third < 255; third++)
        {
            for (byte fourth = 1; fourth < 255; fourth++)
            {
                if (Try(new IPAddress([127, 77, third, fourth])) is { } address)
                {
                    return address;
                }
            }
        }

        throw new NetworkException("no free load balancer address in 127.77.0.0/16");
    }

    public void Dispose() => _claim.Dispose();

    private static LoadBalancerAddress? Try(IPAddress address) =>
        MachineClaim.Try(string.Create(CultureInfo.InvariantCulture, $"address/{address}")) is { } claim ? new LoadBalancerAddress(address, claim) : null;
}
