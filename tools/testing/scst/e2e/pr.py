#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Reservations: three sessions on one device, by sg_persist and sg_raw."""
import os
import subprocess
import threading

import sgio
from lib import (Stall, Target, Trace, blockio, case, check, equal, main, nullio,
                 read, run, wait_for, write)
from pr_lib import (CONFLICT, PREEMPTED, RELEASE, RELEASED, RELEASE_10,
                    REGS_PREEMPTED, RESERVE, RESERVE_10, SG_CONFLICT,
                    SG_INVALID, TUR, Nexus, three)


@case('RESERVE and RELEASE, by another and by a reset')
def legacy():
    _, one, two, three_ = three()
    for reserve, release in ((RESERVE, RELEASE), (RESERVE_10, RELEASE_10)):
        run('sg_raw', one.sg, *[reserve[i:i + 2]
                                for i in range(0, len(reserve), 2)])
        equal(two.command(reserve).status, CONFLICT, 'RESERVE of another')
        equal(two.command(release).status, 0, 'RELEASE of another')
        two.may(False, False)
        equal(two.command(TUR).status, CONFLICT, 'TEST UNIT READY')
        one.may(True, True)
        two.register(0xb, status=SG_CONFLICT)
        run('sg_raw', one.sg, *[release[i:i + 2]
                                for i in range(0, len(release), 2)])
        two.may(True, True)
    equal(one.command(RESERVE).status, 0, 'RESERVE')
    run('sg_reset', '-d', two.sg)
    for nexus in one, two, three_:
        sgio.settle(nexus.sg)
        nexus.may(True, True)


@case('a name of all ports of an initiator is no registrant')
def all_ports():
    target = Target()
    target.add(0, nullio())
    session = target.login()
    sg = session.sg()
    sgio.settle(sg)
    name = b'iqn.2026-11.org.example:all'.ljust(32, b'\0')
    write(session.path + '/transport_id',
          (b'\x05\0' + len(name).to_bytes(2, 'big') + name).hex())
    register = bytes.fromhex('5f06' + '00' * 6 + '1800')
    result = sgio.command(sg, register, sgio.OUT,
                          bytes(15) + b'\1' + bytes(8))
    equal(result.triple, (sgio.ILLEGAL_REQUEST, 0x20, 0), 'sense')


@case('RESERVE ends with its nexus')
def legacy_nexus():
    _, one, two, _ = three()
    equal(one.command(RESERVE).status, 0, 'RESERVE')
    two.may(False, False)
    one.session.logout()
    # The host's directory is gone before the nexus is.
    wait_for(lambda: two.command(TUR).status == 0, 'the end of the nexus')
    two.may(True, True)


@case('RESERVE stays as long as the session has the device by another LUN')
def legacy_other_lun():
    device, target = nullio(), Target()
    target.add(0, device)
    target.add(1, device)
    one, two = Nexus(target, 's0'), Nexus(target, 's1')
    for nexus in one, two:
        nexus.session.disk(1)
    equal(one.command(RESERVE).status, 0, 'RESERVE')
    target.delete(1, device)
    statuses = {two.command(TUR).status for _ in range(300)}
    check(0 not in statuses, 'status GOOD')
    two.may(False, False)
    sgio.settle(one.sg)
    one.may(True, True)


@case('every type, for holder, registrant and another')
def types():
    _, holder, registrant, other = three()
    holder.register(0xa)
    registrant.register(0xb)
    for kind in 1, 3, 5, 6, 7, 8:
        reads = kind in (1, 5, 7)
        holder.reserve(0xa, kind)
        holder.may(True, True)
        shared = kind >= 5
        registrant.may(reads or shared, shared)
        other.may(reads, False)
        # CRH: those who share it get GOOD, without effect
        for cdb in RESERVE, RELEASE, RESERVE_10, RELEASE_10:
            equal(holder.command(cdb).status, 0, 'holder')
            equal(registrant.command(cdb).status, 0 if shared else CONFLICT,
                  'registrant')
            equal(other.command(cdb).status, CONFLICT, 'other')
        equal(other.command(TUR).status, 0, 'TEST UNIT READY')
        holder.release(0xa, kind)
        if shared:
            registrant.attention(RELEASED)
        other.may(True, True)


@case('READ KEYS, READ RESERVATION, REPORT CAPABILITIES, READ FULL STATUS')
def inspect():
    device, one, two, other = three()
    one.register(0xabc)
    two.register(0xdef)
    one.reserve(0xabc, 5)
    keys = other.asks('--read-keys')
    check('0xabc' in keys and '0xdef' in keys, keys)
    held = other.asks('--read-reservation')
    check('Key=0xabc' in held and 'registrants only' in held, held)
    able = other.asks('--report-capabilities')
    for line in ('(CRH): 1', '(SIP_C): 1', '(ATP_C): 1', '(PTPL_C): 1',
                 '(PTPL_A): 0'):
        check(line in able, able)
    full = other.asks('--read-full-status')
    check(full.count('Key=') == 2 and 'SAS' in full, full)
    equal(read(device.path + '/pr/generation'), '2', 'generation')
    equal(read(device.path + '/pr/type'), '5', 'type')
    id_ = read(one.session.path + '/transport_id')
    check(read(device.path + '/pr/holder').endswith(
        ' 0x0000000000000abc ' + id_), 'holder')
    equal(len(read(device.path + '/pr/registrants').splitlines()), 2,
          'registrants')


@case('what is refused, and changes nothing')
def refused():
    device, one, two, _ = three()
    one.register(0xa)
    one.reserve(0xa, 1)
    two.register(0xb, old=5, status=SG_CONFLICT)
    two.reserve(0xb, 1, status=SG_CONFLICT)
    one.release(0xa, 3, status=SG_INVALID)
    one.out('--preempt', '--param-rk=0xa', '--prout-type=1',
            status=SG_INVALID)
    one.out('--preempt', '--param-rk=0xa', '--param-sark=0xbad',
            '--prout-type=1', status=SG_CONFLICT)
    # REPLACE LOST RESERVATION: nothing is lost, RLR_C is zero
    equal(sgio.command(one.sg, '5f080100000000001800', sgio.OUT,
                       bytes(24)).triple, (5, 0x24, 0), 'sense')
    equal(read(device.path + '/pr/generation'), '1', 'generation')
    two.may(True, False)


@case('changes are traced')
def traced():
    _, one, two, _ = three()
    with Trace('scst/scst_pr_change') as trace:
        one.register(0xa)
        one.reserve(0xa, 5)
        two.reserve(0xb, 5, status=SG_CONFLICT)
        lines = trace.lines()
    found = [line[line.index('initiator='):] for line in lines
             if 'scst_pr_change:' in line]
    equal(found, [
        'initiator=s0 device=n0 action=REGISTER generation=1 registrations=1 '
        'type=0',
        'initiator=s0 device=n0 action=RESERVE generation=1 registrations=1 '
        'type=5'], 'events')


@case('CLEAR, and unregistering')
def clear():
    device, one, two, other = three()
    one.register(0xa)
    two.register(0xb)
    one.reserve(0xa, 6)
    other.may(False, False)
    one.register(0, old=0xa)
    two.attention(RELEASED)
    other.may(True, True)
    two.reserve(0xb, 3)
    one.out('--register-ignore', '--param-sark=0xaa')
    one.out('--clear', '--param-rk=0xaa')
    two.attention(PREEMPTED)
    other.may(True, True)
    equal(read(device.path + '/pr/registrants'), '', 'registrants')


@case('PREEMPT')
def preempt():
    _, one, two, other = three()
    for nexus, key in (one, 0xa), (two, 0xb), (other, 0xc):
        nexus.register(key)
    one.reserve(0xa, 5)
    two.out('--preempt', '--param-rk=0xb', '--param-sark=0xa',
            '--prout-type=6')
    one.attention(REGS_PREEMPTED)
    other.attention(RELEASED)
    one.may(False, False)
    other.may(True, True)


@case('PREEMPT AND ABORT, also while the store stalls')
def preempt_abort():
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
    with Stall() as store:
        _, one, two, _ = three(blockio(store.path))
        one.register(0xa)
        two.register(0xb)
        one.reserve(0xa, 1)
        two.out('--preempt-abort', '--param-rk=0xb', '--param-sark=0xa',
                '--prout-type=3')
        one.attention(REGS_PREEMPTED)
        one.may(False, False)
        store.suspend()
        disk = two.session.disk()
        reader = subprocess.Popen(
            ['dd', 'if=' + disk, 'of=/dev/null', 'bs=4k', 'count=1',
             'iflag=direct'], stderr=subprocess.DEVNULL)
        inflight = '/sys/class/block/%s/inflight' % os.path.basename(disk)
        wait_for(lambda: read(inflight).split()[0] == '1', 'the stuck read')
        done = threading.Event()

        def other():
            two.out('--preempt-abort', '--param-rk=0xb', '--param-sark=0xb',
                    '--prout-type=1')
            done.set()

        thread = threading.Thread(target=other)
        thread.start()
        check(not done.wait(1), 'answered while the store stalled')
        store.resume()
        thread.join()
        reader.wait()


@case('SPEC_I_PT: initiators that are not there yet')
def spec_i_pt():
    device, one, two, other = three()
    absent = '06000000500000000000000a' + 24 * '0'
    id_ = read(two.session.path + '/transport_id')
    one.out('--register', '--param-sark=0xa', '--transport-id=' + ','.join(
        id_[i:i + 2] for i in range(0, len(id_), 2)))
    one.reserve(0xa, 5)
    two.may(True, True)
    other.may(True, False)
    write(other.session.path + '/transport_id', absent)
    one.out('--register-move', '--param-rk=0xa', '--param-sark=0xc',
            '--relative-target-port=%s' % read(
                device_port(one)), '--transport-id=' + ','.join(
                    absent[i:i + 2] for i in range(0, len(absent), 2)))
    other.may(True, True)
    equal(len(read(device.path + '/pr/registrants').splitlines()), 3,
          'registrants')


def device_port(nexus):
    return nexus.session.path.split('/sessions/')[0] + '/rel_tgt_id'


@case('registrations survive session and reset')
def survive():
    device = nullio()
    target = Target()
    target.add(0, device)
    one, two = Nexus(target, 's1'), Nexus(target, 's2')
    one.register(0xa)
    one.reserve(0xa, 3)
    run('sg_reset', '-d', two.sg)
    sgio.settle(two.sg)
    two.may(False, False)
    one.session.logout()
    two.may(False, False)
    Nexus(target, 's1').may(True, True)
    two.may(False, False)


if __name__ == '__main__':
    main()
