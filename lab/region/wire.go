// SPDX-License-Identifier: Apache-2.0

package region

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ocf-oci/lab/region/vcn"
)

// object is a JSON object of the API.
type object map[string]any

// orNull turns an empty text into JSON null, as the service shows absent values.
func orNull[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (o object) tags(t vcn.Tags) object {
	o["freeformTags"], o["definedTags"] = t.Freeform, t.Defined
	if t.Freeform == nil {
		o["freeformTags"] = object{}
	}
	if t.Defined == nil {
		o["definedTags"] = object{}
	}
	return o
}

// send answers with the result of an operation.
func (x *exchange) send(r reply) {
	status := cmp.Or(r.status, http.StatusOK)
	if r.etag != "" {
		x.w.Header().Set("Etag", r.etag)
	}
	if r.nextPage != "" {
		x.w.Header().Set("Opc-Next-Page", r.nextPage)
	}
	if r.body == nil {
		x.answer(status, "", nil)
		return
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.body); err != nil {
		x.refuse(fmt.Errorf("encode the answer: %w", err))
		return
	}
	x.answer(status, "application/json", bytes.TrimSpace(buf.Bytes()))
}

// decode reads the JSON body of a request.
func (x *exchange) decode(into any) error {
	if err := json.Unmarshal(x.body, into); err != nil {
		return &vcn.Refusal{Status: http.StatusBadRequest, Code: "CannotParseRequest", Message: "Incorrectly formatted request: " + err.Error() + "."}
	}
	return nil
}

// ifMatch is the header that makes a write conditional.
func (x *exchange) ifMatch() string { return x.req.Header.Get("If-Match") }

// maxPage is the service's largest page; a list without limit gets pages of this size.
const maxPage = 1000

// page cuts a list, sorted by key, to what the query's limit and page ask for. The
// page token names the last item that was shown, so a list that changes between pages
// shows nothing twice.
func page[T any](x *exchange, items []T, key func(T) string) ([]T, string, error) {
	query := x.req.URL.Query()
	limit := maxPage
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return nil, "", vcn.Invalid("limit %q is not a number from 1 to %d.", text, maxPage)
		}
		limit = n
	}
	slices.SortFunc(items, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	if text := query.Get("page"); text != "" {
		last, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return nil, "", vcn.Invalid("page %q is not a page token of this service.", text)
		}
		items = slices.DeleteFunc(items, func(i T) bool { return key(i) <= string(last) })
	}
	if len(items) <= limit {
		return items, "", nil
	}
	return items[:limit], base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1]))), nil
}
