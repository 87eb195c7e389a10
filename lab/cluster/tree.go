// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// tree is a file system root seen from outside. Paths are absolute inside it; symbolic links are followed as a process
// in the root would follow them, so that an absolute link in a node never leads to a file of the host.
type tree string

// dir opens the folder name (made with its parents when missing) and returns a path to it that stays good until close.
func (t tree) dir(name string, create bool) (string, func(), error) {
	root, err := unix.Open(string(t), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", nil, fmt.Errorf("open root %s: %w", t, err)
	}
	defer unix.Close(root)
	how := &unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT}
	name = path.Clean("/" + name)
	fd, err := unix.Openat2(root, name, how)
	if errors.Is(err, unix.ENOENT) && create && name != "/" {
		parent, done, perr := t.dir(path.Dir(name), true)
		if perr != nil {
			return "", nil, perr
		}
		defer done()
		made := parent + "/" + path.Base(name)
		merr := os.Mkdir(made, 0o755)
		if merr == nil {
			merr = os.Chmod(made, 0o755) // whatever the caller's umask is
		}
		if merr != nil && !errors.Is(merr, fs.ErrExist) {
			return "", nil, fmt.Errorf("make folder %s in %s: %w", name, t, merr)
		}
		fd, err = unix.Openat2(root, name, how)
	}
	if err != nil {
		return "", nil, fmt.Errorf("open folder %s in %s: %w", name, t, err)
	}
	return fmt.Sprintf("/proc/self/fd/%d", fd), func() { unix.Close(fd) }, nil
}

// write puts r's bytes at name by rename, so that a running program or a symbolic link there is replaced, not written to.
func (t tree) write(ctx context.Context, name string, mode fs.FileMode, r io.Reader) error {
	dir, done, err := t.dir(path.Dir(name), true)
	if err != nil {
		return err
	}
	defer done()
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+path.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("write %s in %s: %w", name, t, err)
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Chmod(mode)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), dir+"/"+path.Base(name))
	}
	if err != nil {
		return fmt.Errorf("write %s in %s: %w", name, t, err)
	}
	return nil
}

// text writes a small 0644 file.
func (t tree) text(name, content string) error {
	return t.write(context.Background(), name, 0o644, strings.NewReader(content))
}

// read returns a file's bytes; a missing file is an error with fs.ErrNotExist.
func (t tree) read(name string) ([]byte, error) {
	root, err := unix.Open(string(t), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open root %s: %w", t, err)
	}
	defer unix.Close(root)
	fd, err := unix.Openat2(root, path.Clean("/"+name), &unix.OpenHow{Flags: unix.O_RDONLY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT})
	if err != nil {
		return nil, fmt.Errorf("read %s in %s: %w", name, t, err)
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	return io.ReadAll(f)
}

// symlink makes name a symbolic link to target, whatever was there.
func (t tree) symlink(target, name string) error {
	dir, done, err := t.dir(path.Dir(name), true)
	if err != nil {
		return err
	}
	defer done()
	p := dir + "/" + path.Base(name)
	if err := os.RemoveAll(p); err != nil {
		return fmt.Errorf("replace %s in %s: %w", name, t, err)
	}
	if err := os.Symlink(target, p); err != nil {
		return fmt.Errorf("link %s in %s: %w", name, t, err)
	}
	return nil
}

// remove deletes name and what is below; missing is fine.
func (t tree) remove(name string) error {
	dir, done, err := t.dir(path.Dir(name), false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer done()
	if err := os.RemoveAll(dir + "/" + path.Base(name)); err != nil {
		return fmt.Errorf("remove %s in %s: %w", name, t, err)
	}
	return nil
}

// list returns the names in the folder name; a missing folder has none.
func (t tree) list(name string) ([]string, error) {
	dir, done, err := t.dir(name, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer done()
	entries, err := os.ReadDir(dir + "/.")
	if err != nil {
		return nil, fmt.Errorf("list %s in %s: %w", name, t, err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// empty deletes what is in the folder name but keeps the folder with its owner and mode; missing is fine.
func (t tree) empty(name string) error {
	names, err := t.list(name)
	if err != nil || len(names) == 0 {
		return err
	}
	dir, done, err := t.dir(name, false)
	if err != nil {
		return err
	}
	defer done()
	for _, entry := range names {
		if err := os.RemoveAll(dir + "/" + entry); err != nil {
			return fmt.Errorf("empty %s in %s: %w", name, t, err)
		}
	}
	return nil
}

// install puts one File at name.
func (t tree) install(ctx context.Context, name string, f File) error {
	mode, r := f.Mode.Perm(), io.Reader(strings.NewReader(string(f.Content)))
	if f.Source != "" {
		src, err := os.Open(f.Source)
		if err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
		defer src.Close()
		st, err := src.Stat()
		if err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
		if mode == 0 {
			mode = st.Mode().Perm()
		}
		r = src
	}
	if mode == 0 {
		mode = 0o644
	}
	return t.write(ctx, name, mode, r)
}
