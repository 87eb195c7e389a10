// SPDX-License-Identifier: Apache-2.0

package region

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/fault"
	"ocf-oci/lab/region/iam"
	"ocf-oci/lab/region/vcn"
)

// exchange is one request from its arrival to the last byte of its answer.
type exchange struct {
	r      *Region
	w      http.ResponseWriter
	req    *http.Request
	body   []byte
	call   control.Call
	caller caller
	// clock is the service's time as this caller meets it.
	clock  time.Time
	who    iam.Principal
	denied string // the permission that the policy did not give
}

// caller is who a source address belongs to.
type caller struct {
	node     string
	instance vcn.InstanceID
	vnic     vcn.VNICID
	floating bool
}

// caller looks a source address up in the network.
func (r *Region) caller(source netip.Addr) caller {
	state := r.current()
	a, ok := state.AddressByIP(source)
	if !ok || a.VNIC == "" {
		return caller{floating: ok}
	}
	v := state.VNICs[a.VNIC]
	return caller{node: state.Instances[v.Instance].Name, instance: v.Instance, vnic: v.ID, floating: !a.Own}
}

// maxBody is far above any request of these operations.
const maxBody = 1 << 20

// begin reads a request. It returns nil when the client left meanwhile.
func (r *Region) begin(w http.ResponseWriter, req *http.Request, service Service, operation string) *exchange {
	source, _ := netip.ParseAddrPort(req.RemoteAddr)
	x := &exchange{r: r, w: w, req: req, caller: r.caller(source.Addr().Unmap())}
	x.call = control.Call{
		Seq: r.journal.Begin(), Time: time.Now(), Service: string(service), Node: x.caller.node, Source: source.Addr().Unmap(),
		Floating: x.caller.floating, Operation: operation, Target: target(req), IfMatch: req.Header.Get("If-Match") != "",
		RetryToken: req.Header.Get("Opc-Retry-Token") != "", UserAgent: req.UserAgent(), Outcome: "answered",
		RequestID: requestID(req.Header.Get("Opc-Request-Id")),
	}
	var err error
	if x.body, err = io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody)); err != nil {
		x.call.Outcome, x.call.Message = "gone", err.Error()
		x.end()
		return nil
	}
	x.clock = time.Now()
	for _, f := range x.strike(fault.ClockSkew) {
		x.clock = x.clock.Add(f.Delay())
	}
	return x
}

// target is the OCID of the path, or the query of a list.
func target(req *http.Request) string {
	for part := range strings.SplitSeq(req.URL.Path, "/") {
		if strings.HasPrefix(part, "ocid1.") {
			return part
		}
	}
	return req.URL.RawQuery
}

// requestID is the service's own part after the client's, as the service answers.
func requestID(client string) string {
	b := make([]byte, 16)
	rand.Read(b)
	id := strings.ToUpper(hex.EncodeToString(b))
	if client == "" {
		return id
	}
	return strings.Split(client, "/")[0] + "/" + id + "/" + strings.ToUpper(hex.EncodeToString(b[:8])) + id[16:]
}

func (x *exchange) question() fault.Request {
	return fault.Request{Service: x.call.Service, Operation: x.call.Operation, Node: x.caller.node}
}

// strike returns the faults of a kind that hit this request, and notes them.
func (x *exchange) strike(kind fault.Kind) []fault.Fault {
	hits := x.r.faults.Strike(x.question(), kind)
	for _, f := range hits {
		x.call.Faults = append(x.call.Faults, f.Name())
	}
	return hits
}

func (x *exchange) hit(f fault.Fault) {
	x.r.faults.Hit(f.ID)
	x.call.Faults = append(x.call.Faults, f.Name())
}

// end writes the journal.
func (x *exchange) end() {
	x.call.Duration = control.Duration(time.Since(x.call.Time))
	x.r.journal.End(x.call)
}

// sleep passes time; false means that the region closed. It does not look at the client: a
// slow service carries out what it was asked for, although nobody waits any more.
func (x *exchange) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-x.r.life.Done():
		x.call.Outcome = "gone"
		return false
	}
}

// hang answers nothing until the client gives up.
func (x *exchange) hang() {
	x.call.Outcome = "hung"
	x.end() // visible at once; the last end gives the duration
	select {
	case <-x.req.Context().Done():
	case <-x.r.life.Done():
	}
}

// cut ends the connection with RST.
func (x *exchange) cut() {
	if c, ok := x.req.Context().Value(connKey{}).(net.Conn); ok {
		reset(c)
	}
}

// refuse answers with an error.
func (x *exchange) refuse(err error) {
	var refusal *vcn.Refusal
	if !errors.As(err, &refusal) {
		refusal = &vcn.Refusal{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
	}
	x.call.Code, x.call.Message = refusal.Code, refusal.Message
	if x.denied != "" {
		x.call.Message += " (the policy gives no " + x.denied + ")"
	}
	body, _ := json.Marshal(map[string]string{"code": refusal.Code, "message": refusal.Message})
	x.answer(refusal.Status, "application/json", body)
}

// answer sends the response, as far as the faults let it.
func (x *exchange) answer(status int, contentType string, body []byte) {
	x.call.Status = status
	if x.req.Context().Err() != nil {
		x.call.Outcome = "gone"
		return
	}
	if len(x.strike(fault.LostResponse)) > 0 {
		x.call.Outcome = "reset"
		x.cut()
		return
	}
	h := x.w.Header()
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	h.Set("Opc-Request-Id", x.call.RequestID)
	h.Set("Date", x.clock.UTC().Format(http.TimeFormat))
	if status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if len(x.strike(fault.Truncate)) > 0 {
		x.truncate(status, body)
		return
	}
	x.w.WriteHeader(status)
	slow := x.strike(fault.Slow)
	if len(slow) == 0 {
		x.w.Write(body)
		return
	}
	flush := http.NewResponseController(x.w)
	for i := range body {
		if flush.Flush() != nil || x.req.Context().Err() != nil || !x.sleep(slow[0].Delay()) {
			x.call.Outcome = "gone"
			return
		}
		x.w.Write(body[i : i+1])
	}
}

// truncate sends half of the body and then ends the connection, so that the client
// sees an unexpected EOF.
func (x *exchange) truncate(status int, body []byte) {
	x.call.Outcome = "truncated"
	x.w.WriteHeader(status)
	x.w.Write(body[:len(body)/2])
	http.NewResponseController(x.w).Flush()
	x.end()
	panic(http.ErrAbortHandler)
}

// misbehave applies the faults that come before a request is carried out; false means
// that the exchange is over.
func (x *exchange) misbehave(base time.Duration) bool {
	delay := base
	for _, f := range x.strike(fault.Latency) {
		delay += f.Delay()
	}
	if !x.sleep(delay) {
		return false
	}
	if len(x.strike(fault.Reset)) > 0 {
		x.call.Outcome = "reset"
		x.cut()
		return false
	}
	if len(x.strike(fault.Hang)) > 0 {
		x.hang()
		return false
	}
	if f := x.strike(fault.Status); len(f) > 0 {
		status, code := f[0].Answer()
		x.refuse(&vcn.Refusal{Status: status, Code: code, Message: fmt.Sprintf("fault %d: %s", f[0].ID, f[0].Name())})
		return false
	}
	return true
}
