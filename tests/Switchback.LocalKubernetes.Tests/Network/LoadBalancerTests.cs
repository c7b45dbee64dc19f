using System.Net;
using System.Net.Sockets;
using System.Text;
using Switchback.LocalKubernetes.Network.LoadBalancers;

namespace Switchback.LocalKubernetes.Tests.Network;

public sealed class LoadBalancerTests
{
    [Fact]
    public async Task Connections_go_round_the_pods_and_one_direction_may_end_before_the_other()
    {
        using var first = new Pod("first");
        using var second = new Pod("second");
        using var address = LoadBalancerAddress.Claim(null);
        using var relay = new ServiceRelay(new IPEndPoint(address.Address, 18080));
        relay.SetPods([first.Address, second.Address]);

        var answers = new List<string>();
        for (var connection = 0; connection < 4; connection++)
        {
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(relay.Address, TestContext.Current.CancellationToken);
            await client.SendAsync("question"u8.ToArray(), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(new NetworkStream(client));
            client.Shutdown(SocketShutdown.Send);
            answers.Add(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(["first: question", "first: question", "second: question", "second: question"], answers.Order());
    }

    [Fact]
    public async Task A_pod_that_refuses_is_passed_over_and_without_pods_the_connection_is_refused()
    {
        using var pod = new Pod("only");
        using var gone = new Pod("gone");
        var goneAddress = gone.Address;
        gone.Dispose();
        using var address = LoadBalancerAddress.Claim(null);
        using var relay = new ServiceRelay(new IPEndPoint(address.Address, 18081));
        relay.SetPods([goneAddress, pod.Address]);
        for (var connection = 0; connection < 4; connection++)
        {
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(relay.Address, TestContext.Current.CancellationToken);
            using var reader = new StreamReader(new NetworkStream(client));
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal("only: ", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        relay.SetPods([]);
        using var refused = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var failure = await Assert.ThrowsAsync<SocketException>(() => refused.ConnectAsync(relay.Address, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [Fact]
    public void Addresses_are_unique_and_free_again_when_given_back()
    {
        var first = LoadBalancerAddress.Claim(null);
        using var second = LoadBalancerAddress.Claim(first.Address.ToString());
        Assert.NotEqual(first.Address, second.Address);
        var given = first.Address;
        first.Dispose();
        using var third = LoadBalancerAddress.Claim(given.ToString());
        Assert.Equal(given, third.Address);
    }

    /// <summary>Reads to the end, then answers with its name and what it read.</summary>
    private sealed class Pod : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Pod(string name)
        {
            _listener.Start();
            _ = ServeAsync(name);
        }

        public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(string name)
        {
            while (true)
            {
                try
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
                    var question = await reader.ReadToEndAsync();
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{name}: {question}"));
                }
                catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
                {
                    return;
                }
            }
        }
    }
}
