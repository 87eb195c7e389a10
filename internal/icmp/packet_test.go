// SPDX-License-Identifier: Apache-2.0

package icmp

import (
	"bytes"
	"encoding/hex"
	"testing"
)

var sample = token{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

// The bytes were computed by hand from RFC 792: type 8, code 0, checksum, identifier, sequence number, data.
func TestEchoRequestOnTheWire(t *testing.T) {
	got, err := marshalEcho(false, 0x1234, 0x0001, sample, 0)
	if err != nil {
		t.Fatal(err)
	}
	// 0800+1234+0001+0102+0304+...+0f10 = 0x1a35+0x4048 = 0x5a7d, complement 0xa582
	want, _ := hex.DecodeString("0800a582" + "12340001" + "0102030405060708090a0b0c0d0e0f10")
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
	if got, err := marshalEcho(true, 1, 2, sample, 56); err != nil || len(got) != 8+56 || got[0] != 128 {
		t.Errorf("IPv6, 56 bytes: %x, %v", got, err)
	}
}

func reply4(tok token) []byte {
	b := append([]byte{0, 0, 0, 0, 0x12, 0x34, 0, 7}, tok[:]...)
	sum := checksum(b)
	b[2], b[3] = byte(sum>>8), byte(sum)
	return b
}

func TestParseReply(t *testing.T) {
	in, ok := parse(false, reply4(sample))
	if !ok || !in.reply || in.tok != sample || in.id != 0x1234 || in.seq != 7 {
		t.Errorf("parse = %+v, %v", in, ok)
	}
	in, ok = parse(true, append([]byte{129, 0, 9, 9, 0x12, 0x34, 0, 7}, sample[:]...))
	if !ok || !in.reply || in.tok != sample {
		t.Errorf("IPv6: parse = %+v, %v", in, ok)
	}
}

func TestParseRefuses(t *testing.T) {
	damaged := reply4(sample)
	damaged[12] ^= 0x40
	request := reply4(sample)
	request[0] = 8
	for name, b := range map[string][]byte{
		"damaged": damaged, "request": request, "empty": nil, "short": reply4(sample)[:12],
	} {
		if in, ok := parse(false, b); ok {
			t.Errorf("%s was taken for %+v", name, in)
		}
	}
}

func TestParseErrorQuotingOurEcho(t *testing.T) {
	echo, _ := marshalEcho(false, 0x1234, 9, sample, 0)
	header := make([]byte, 20)
	header[0], header[9] = 0x45, protocolICMP
	unreachable := func(quoted []byte) []byte {
		b := append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, quoted...)
		sum := checksum(b)
		b[2], b[3] = byte(sum>>8), byte(sum)
		return b
	}
	in, ok := parse(false, unreachable(append(header, echo...)))
	if !ok || in.reply || !in.full || in.tok != sample || in.what != "host unreachable" {
		t.Errorf("whole quote: %+v, %v", in, ok)
	}
	in, ok = parse(false, unreachable(append(header, echo[:8]...)))
	if !ok || in.full || in.id != 0x1234 || in.seq != 9 {
		t.Errorf("8 byte quote: %+v, %v", in, ok)
	}
	header[9] = 17
	if in, ok := parse(false, unreachable(append(header, echo...))); ok {
		t.Errorf("an error about UDP was taken for %+v", in)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(false, reply4(sample))
	f.Add(true, append([]byte{1, 3, 0, 0, 0, 0, 0, 0}, make([]byte, 48)...))
	f.Fuzz(func(t *testing.T, v6 bool, b []byte) {
		if in, ok := parse(v6, b); ok && in.reply && !bytes.Contains(b, in.tok[:]) {
			t.Errorf("token %x does not come from the message %x", in.tok, b)
		}
	})
}
