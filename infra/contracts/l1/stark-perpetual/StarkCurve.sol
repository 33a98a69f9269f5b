// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PRIME} from "./Constants.sol";

/// Signatures on the curve y² = x³ + x + β over the field of STARKs.
library StarkCurve {
    uint256 private constant BETA = 0x6f21413efbe40de150e596d72f7a8c5609ad26c15c915c1f4cdfcb99cee9e89;
    uint256 internal constant ORDER = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2f;
    uint256 private constant GENERATOR_X = 0x1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca;
    uint256 private constant GENERATOR_Y = 0x5668060aa49730b7be4801df46ec62de53ecd11abe43a32873000c36e8dc1f;
    uint256 private constant SCALAR_BOUND = 2 ** 251;

    /// x = X / Z², y = Y / Z³; no point where Z is 0.
    struct Point {
        uint256 x;
        uint256 y;
        uint256 z;
    }

    /// Whether there is a point of that x.
    function isX(uint256 x) internal view returns (bool) {
        return _power(_right(x), (PRIME - 1) / 2, PRIME) == 1;
    }

    function checkSignature(uint256 message, uint256 r, uint256 s, uint256 keyX, uint256 keyY) internal view {
        require(message < ORDER, "msgHash out of range");
        require(1 <= s && s < ORDER, "s out of range");
        uint256 w = _power(s, ORDER - 2, ORDER);
        require(1 <= r && r < SCALAR_BOUND, "r out of range");
        require(1 <= w && w < SCALAR_BOUND, "w out of range");
        require(mulmod(keyY, keyY, PRIME) == _right(keyX), "INVALID_STARK_KEY");
        Point memory sum =
            _sumOf(mulmod(message, w, ORDER), mulmod(r, w, ORDER), Point({x: keyX, y: keyY, z: 1}));
        // r = X / Z², without a division.
        bool same = sum.z != 0 && mulmod(r, mulmod(sum.z, sum.z, PRIME), PRIME) == sum.x;
        require(same, "INVALID_STARK_SIGNATURE");
    }

    /// a · G + b · key, both at once, bit by bit from the highest.
    function _sumOf(uint256 a, uint256 b, Point memory key) private pure returns (Point memory sum) {
        Point memory generator = Point({x: GENERATOR_X, y: GENERATOR_Y, z: 1});
        Point memory both = _add(generator, key);
        for (uint256 bit = 2 ** 251; bit > 0; bit >>= 1) {
            sum = _double(sum);
            bool inA = a & bit != 0;
            bool inB = b & bit != 0;
            if (inA && inB) sum = _add(sum, both);
            else if (inA) sum = _add(sum, generator);
            else if (inB) sum = _add(sum, key);
        }
    }

    function _double(Point memory p) private pure returns (Point memory) {
        if (p.z == 0 || p.y == 0) return Point({x: 0, y: 0, z: 0});
        uint256 yy = mulmod(p.y, p.y, PRIME);
        uint256 s = mulmod(4, mulmod(p.x, yy, PRIME), PRIME);
        uint256 zz = mulmod(p.z, p.z, PRIME);
        // The curve's α is 1.
        uint256 m = addmod(mulmod(3, mulmod(p.x, p.x, PRIME), PRIME), mulmod(zz, zz, PRIME), PRIME);
        uint256 x = _minus(mulmod(m, m, PRIME), mulmod(2, s, PRIME));
        uint256 y = _minus(mulmod(m, _minus(s, x), PRIME), mulmod(8, mulmod(yy, yy, PRIME), PRIME));
        return Point({x: x, y: y, z: mulmod(2, mulmod(p.y, p.z, PRIME), PRIME)});
    }

    function _add(Point memory p, Point memory q) private pure returns (Point memory) {
        if (p.z == 0) return q;
        if (q.z == 0) return p;
        uint256 pzz = mulmod(p.z, p.z, PRIME);
        uint256 qzz = mulmod(q.z, q.z, PRIME);
        uint256 u = mulmod(p.x, qzz, PRIME);
        uint256 s = mulmod(p.y, mulmod(qzz, q.z, PRIME), PRIME);
        uint256 h = _minus(mulmod(q.x, pzz, PRIME), u);
        uint256 r = _minus(mulmod(q.y, mulmod(pzz, p.z, PRIME), PRIME), s);
        if (h == 0) return r == 0 ? _double(p) : Point({x: 0, y: 0, z: 0});
        uint256 hh = mulmod(h, h, PRIME);
        uint256 hhh = mulmod(hh, h, PRIME);
        uint256 v = mulmod(u, hh, PRIME);
        uint256 x = _minus(_minus(mulmod(r, r, PRIME), hhh), mulmod(2, v, PRIME));
        uint256 y = _minus(mulmod(r, _minus(v, x), PRIME), mulmod(s, hhh, PRIME));
        return Point({x: x, y: y, z: mulmod(h, mulmod(p.z, q.z, PRIME), PRIME)});
    }

    function _right(uint256 x) private pure returns (uint256) {
        return addmod(addmod(mulmod(mulmod(x, x, PRIME), x, PRIME), x, PRIME), BETA, PRIME);
    }

    function _minus(uint256 a, uint256 b) private pure returns (uint256) {
        return addmod(a, PRIME - b, PRIME);
    }

    /// By the precompiled contract (EIP-198).
    function _power(uint256 base, uint256 exponent, uint256 modulus) private view returns (uint256) {
        (bool done, bytes memory answer) =
            address(5).staticcall(abi.encode(0x20, 0x20, 0x20, base, exponent, modulus));
        require(done, string(answer));
        return abi.decode(answer, (uint256));
    }
}
