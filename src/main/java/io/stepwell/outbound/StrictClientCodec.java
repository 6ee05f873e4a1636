package io.stepwell.outbound;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.ProtocolException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on a client's connection, one request at a time. It lets through one final answer for
 * each request and nothing else: interim answers are skipped, a connection that holds bytes behind
 * an answer is closed with it, and bytes that arrive while no request waits close the connection.
 */
final class StrictClientCodec
    extends CombinedChannelDuplexHandler<HttpResponseDecoder, HttpRequestEncoder> {

  private static final int MAX_INTERIM_ANSWERS = 10_000;

  private @Nullable HttpMethod asked;

  StrictClientCodec(int maxHeaderBytes) {
    init(new Decoder(new HttpDecoderConfig().setMaxHeaderSize(maxHeaderBytes)), new Encoder());
  }

  private final class Encoder extends HttpRequestEncoder {
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
        throws Exception {
      if (message instanceof HttpRequest request) {
        asked = request.method();
      }
      super.write(ctx, message, promise);
    }
  }

  private final class Decoder extends HttpResponseDecoder {
    private @Nullable HttpResponse answer;
    private int interim;

    Decoder(HttpDecoderConfig config) {
      super(config);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
        throws Exception {
      if (asked == null) {
        buffer.skipBytes(buffer.readableBytes());
        var _ = ctx.close();
        return;
      }
      int before = out.size();
      super.decode(ctx, buffer, out);
      if (out.size() > before) {
        judge(buffer, out, before);
      }
    }

    private void judge(ByteBuf buffer, List<Object> out, int from) {
      if (out.get(from) instanceof HttpResponse head) {
        if (isInterim(head)) {
          skip(head, out, from);
          return;
        }
        answer = head;
      }
      if (out.getLast() instanceof LastHttpContent) {
        end(buffer.isReadable());
      }
    }

    private static boolean isInterim(HttpResponse head) {
      return head.decoderResult().isSuccess()
          && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private void skip(HttpResponse head, List<Object> out, int from) {
      if (head.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
        head.setDecoderResult(
            DecoderResult.failure(new ProtocolException("a change of protocol was not asked for")));
      } else if (++interim > MAX_INTERIM_ANSWERS) {
        head.setDecoderResult(
            DecoderResult.failure(new TooLongFrameException("too many interim answers")));
      } else {
        // the head and its empty end
        out.subList(from, out.size()).clear();
      }
    }

    private void end(boolean moreBehind) {
      if (moreBehind && answer != null) {
        // what is above reads it when the answer ends, and closes the connection
        answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      answer = null;
      asked = null;
      interim = 0;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      return HttpMethod.HEAD.equals(asked) || super.isContentAlwaysEmpty(message);
    }
  }
}
